/* SPDX-License-Identifier: MIT */
/* plugin_host.c - calls a plugin that was opened for itself alone */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    void *plugin = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
    void (*speak)(const void *) =
        plugin
            ? (void (*)(const void *))(uintptr_t)dlsym(plugin, "plugin_speak")
            : NULL;
    if (!speak) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    speak((const void *)0x1000);
    return 0;
}
