/* SPDX-License-Identifier: MIT */
/*
 * libintl.h - message translation that translates nothing, so that libelf needs no
 * gettext. Found before a system's own libintl.h when libelf is compiled.
 */
#ifndef EU_SHIM_LIBINTL_H
#define EU_SHIM_LIBINTL_H

#define gettext(msg) (msg)
#define dgettext(domain, msg) (msg)
#define dcgettext(domain, msg, category) (msg)
#define bindtextdomain(domain, dir) ((void)(domain), (void)(dir))
#define textdomain(domain) ((void)(domain))

#endif
