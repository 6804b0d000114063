/* SPDX-License-Identifier: MIT */
#include "lsan.h"

#include "ouro_trace.h"
#include "process.h"
#include "symbol.h"

#include <string.h>

enum { MOST = 1 << 20 };

void lsan_start(void)
{
    const struct symbol s = symbol_find_first("__lsan_default_suppressions");
    const char *(*ask)(void);
    if (!s.address)
        return;
    memcpy(&ask, &s.address, sizeof ask);
    const char *text = ask();
    size_t len = text ? strnlen(text, MOST) : 0;
    while (len > 0) {
        const size_t n = len < OURO_MAX_STRING ? len : OURO_MAX_STRING;
        process_suppressions(text, n);
        text += n;
        len -= n;
    }
}
