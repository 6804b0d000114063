/* SPDX-License-Identifier: MIT */
/* plugin.c - a shared library that speaks, for plugin_host.c */
#include "ouro.h"

void plugin_speak(const void *obj);
void plugin_speak(const void *obj)
{
    OURO_INCREF(obj);
}
