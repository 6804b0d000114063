/* SPDX-License-Identifier: MIT */
/* reach_cells_tls.c - a library with a thread-local variable of its own */
static __attribute__((tls_model("global-dynamic"))) _Thread_local char here[64];

void *holder(void)
{
    return here;
}
