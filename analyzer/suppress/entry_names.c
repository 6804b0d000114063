/* SPDX-License-Identifier: MIT */
#include "suppress/entry_names.h"

#include <stddef.h>
#include <string.h>

#define NOTHROW "std::nothrow_t const&"
#define ALIGN   "std::align_val_t"

static const struct {
    const char *shown, *mangled, *demangled;
} operators[] = {
    {"operator new", "_Znwm", "operator new(unsigned long)"},
    {"operator new[]", "_Znam", "operator new[](unsigned long)"},
    {"operator new(nothrow)", "_ZnwmRKSt9nothrow_t",
     "operator new(unsigned long, " NOTHROW ")"},
    {"operator new[](nothrow)", "_ZnamRKSt9nothrow_t",
     "operator new[](unsigned long, " NOTHROW ")"},
    {"operator new(align)", "_ZnwmSt11align_val_t",
     "operator new(unsigned long, " ALIGN ")"},
    {"operator new[](align)", "_ZnamSt11align_val_t",
     "operator new[](unsigned long, " ALIGN ")"},
    {"operator new(align, nothrow)", "_ZnwmSt11align_val_tRKSt9nothrow_t",
     "operator new(unsigned long, " ALIGN ", " NOTHROW ")"},
    {"operator new[](align, nothrow)", "_ZnamSt11align_val_tRKSt9nothrow_t",
     "operator new[](unsigned long, " ALIGN ", " NOTHROW ")"},
};

const char *entry_name(const char *allocator, int k)
{
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++)
        if (strcmp(operators[i].shown, allocator) == 0)
            return k == 0   ? operators[i].mangled
                   : k == 1 ? operators[i].demangled
                            : NULL;
    return k == 0 ? allocator : NULL;
}
