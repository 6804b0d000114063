/* SPDX-License-Identifier: MIT */
#include "window.h"

#include "raw.h"

#include <errno.h>

/* How far a window reaches for one word: beyond any frame that is real. */
enum { FAR = 64 * 1024 * 1024, NEAR = 1024 * 1024 };

static bool is_readable(uintptr_t page)
{
    return RAW_CALL4(SYS_rt_sigprocmask, -1, page, 0, 8) == -EINVAL;
}

static uintptr_t page_of(uintptr_t at)
{
    return at & ~(uintptr_t)(WINDOW_PAGE - 1);
}

/* Down to the page of `at`; what it reached is kept even if that is not all. */
static bool grow_down(struct window *w, uintptr_t at)
{
    while (w->lo > page_of(at)) {
        if (!is_readable(w->lo - WINDOW_PAGE))
            return false;
        w->lo -= WINDOW_PAGE;
    }
    return true;
}

bool window_grow(struct window *w, uintptr_t at, size_t len)
{
    const uintptr_t end = at + len;
    if (at < w->lo || end < at || (end > w->hi && end - w->hi > FAR))
        return false;
    while (w->hi < end) {
        if (!is_readable(w->hi))
            return false;
        w->hi += WINDOW_PAGE;
    }
    return true;
}

void window_at(struct window *w, uintptr_t at)
{
    if (at >= w->lo && at < w->hi)
        return;
    if (at < w->lo && w->lo - at < NEAR && grow_down(w, at))
        return;
    if (at >= w->hi && w->hi > w->lo && at - w->hi < NEAR &&
        window_grow(w, at, 1))
        return;
    w->lo = page_of(at);
    w->hi = is_readable(w->lo) ? w->lo + WINDOW_PAGE : w->lo;
}

bool window_jump(struct window *w, uintptr_t at, size_t len)
{
    if (window_holds(w, at, len))
        return true;
    w->lo = w->hi = page_of(at);
    return window_grow(w, at, len);
}
