/* SPDX-License-Identifier: MIT */
/*
 * unload.c - dlclose, after which addresses may mean something else
 *
 * dlopen is not wrapped: it looks at who called it.
 */
#include "export.h"
#include "life.h"
#include "module.h"
#include "real.h"
#include "thread.h"

#include <dlfcn.h>
#include <errno.h>

EXPORT int dlclose(void *handle)
{
    const int ret = real()->dlclose(handle);
    const int saved = errno;
    real_forget_late();
    if (life_is_recording()) {
        const uintptr_t guard = thread_begin_own();
        module_refresh();
        thread_end_own(guard);
    }
    errno = saved;
    return ret;
}
