/* SPDX-License-Identifier: MIT
 *
 * What the module tells of features: whether this kernel has them, by what the catalog
 * calls them, and what they need.
 */
#ifndef TB_SYSTEM_FEATURES_H
#define TB_SYSTEM_FEATURES_H

#include "base/abi3.h"

/* _feature(kind, type=0, helper=0, name=""): (supported, reason, since). */
PyObject *tb_features_ask(PyObject *module, PyObject *args);

/* _feature_names(): helpers with their numbers, hooks with their attach types. */
PyObject *tb_features_names(PyObject *module, PyObject *unused);

/* _needs(kind, type, section=""): (hook, since, config, capabilities to load, to
 * attach, ways). */
PyObject *tb_features_needs(PyObject *module, PyObject *args);

/* _look(section): what is wrong with the target that it names, or None. */
PyObject *tb_features_look(PyObject *module, PyObject *args);

#endif
