/* SPDX-License-Identifier: MIT */
/*
 * unload.c - dlclose, after which addresses may mean something else
 *
 * dlopen is not wrapped: it looks at who called it.
 */
#include "bypass.h"
#include "export.h"
#include "life.h"
#include "module.h"
#include "real.h"
#include "thread.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>

EXPORT int dlclose(void *handle)
{
    const bool is_recording = life_is_recording();
    if (is_recording) {
        bypass_look();
        module_close_begin();
    }
    const int ret = real()->dlclose(handle);
    const int saved = errno;
    real_forget_late();
    if (is_recording) {
        const uintptr_t guard = thread_begin_own();
        module_refresh();
        module_close_end();
        thread_end_own(guard);
    }
    errno = saved;
    return ret;
}
