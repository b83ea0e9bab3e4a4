/* SPDX-License-Identifier: MIT
 *
 * Configure and start the embedded Python.
 *
 * CPython parses its own command line and environment. What differs from python3:
 * the paths are fixed (PYTHONHOME and every probe of the host with them), and text is
 * UTF-8 whatever the locale says, for an empty root has no locale. In a bundle no
 * variable of the environment is looked at.
 */
#include "config.h"

#include "bundle.h"
#include "executable.h"
#include "privilege.h"
#include "python.h"

#include <stddef.h>

/* A path of the configuration, or a part of one, and its fixed value. */
struct fixed_path {
    size_t offset;
    const wchar_t *value;
};

/* All that getpath.py would work out. An empty string counts as unset. */
static const struct fixed_path fixed_paths[] = {
    {offsetof(PyConfig, home), L"" TBR_HOME},
    {offsetof(PyConfig, prefix), L"" TBR_HOME},
    {offsetof(PyConfig, exec_prefix), L"" TBR_HOME},
    {offsetof(PyConfig, base_prefix), L"" TBR_HOME},
    {offsetof(PyConfig, base_exec_prefix), L"" TBR_HOME},
    {offsetof(PyConfig, stdlib_dir), L"" TBR_ROOT},
    {offsetof(PyConfig, platlibdir), L"lib"},
};

const char *__wrap_Py_GetCompiler(void);

/* The last words of sys.version, which every prompt's banner begins with. The linker
 * routes the one caller here (--wrap). */
const char *
__wrap_Py_GetCompiler(void)
{
    return "[Clang " __clang_version__ ", tinybpf " TINYBPF_VERSION "]";
}

/* End the process as python does for this status. */
static void
check(PyConfig *config, PyStatus status)
{
    if (!PyStatus_Exception(status)) {
        return;
    }
    PyConfig_Clear(config);
    Py_ExitStatusException(status);
}

/* Set the fixed paths, and the executable's own, "" where it cannot be found. */
static void
set_paths(PyConfig *config)
{
    char path[PATH_MAX];

    for (size_t i = 0; i < sizeof(fixed_paths) / sizeof(fixed_paths[0]); i++) {
        wchar_t **field = (wchar_t **)((char *)config + fixed_paths[i].offset);
        check(config, PyConfig_SetString(config, field, fixed_paths[i].value));
    }
    /* Isolated there is none to start anew: it would be the tool again. */
    if (tbr_privilege_is_isolated() || tbr_executable_find(path, sizeof(path)) < 0) {
        path[0] = '\0';
    }
    check(config, PyConfig_SetBytesString(config, &config->executable, path));
    check(config, PyConfig_SetBytesString(config, &config->base_executable, path));
}

void
tbr_config_start(int argc, char **argv, enum tbr_config_words words)
{
    int is_isolated = words == TBR_WORDS_OF_TOOL;
    const char *name = argc > 0 && argv[0][0] != '\0' ? argv[0] : "tinybpf-run";
    PyConfig config;
    PyPreConfig preconfig;

    PyPreConfig_InitPythonConfig(&preconfig);
    preconfig.utf8_mode = 1;
    preconfig.coerce_c_locale = 0;
    preconfig.use_environment = !tbr_bundle_is_there();
    preconfig.isolated = is_isolated;
    preconfig.parse_argv = !is_isolated;
    PyConfig_InitPythonConfig(&config);
    check(&config, Py_PreInitializeFromBytesArgs(&preconfig, argc, argv));

    config.use_environment = preconfig.use_environment;
    config.isolated = is_isolated;
    config.parse_argv = !is_isolated;
    config.pathconfig_warnings = 0;
    /* importers.c fills sys.path once the importers are there. */
    config.module_search_paths_set = 1;
    set_paths(&config);
    check(&config, PyConfig_SetBytesString(&config, &config.program_name, name));
    check(&config, PyConfig_SetBytesArgv(&config, argc, argv));
    check(&config, Py_InitializeFromConfig(&config));
    PyConfig_Clear(&config);
}
