# SPDX-License-Identifier: MIT
"""What all layers share: enums."""
