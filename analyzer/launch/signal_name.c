/* SPDX-License-Identifier: MIT */
#include "launch/signal_name.h"

#include "commands/cmd.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static int find_name(const char *text)
{
    if (strncmp(text, "SIG", 3) == 0)
        text += 3;
    for (int i = 1; i < NSIG; i++) {
        const char *name = sigabbrev_np(i);
        if (name && strcmp(name, text) == 0)
            return i;
    }
    return 0;
}

int signal_number(const char *text)
{
    long number;
    if (!cmd_number(text, 1, SIGRTMAX, &number))
        number = find_name(text);
    return number == SIGKILL || number == SIGSTOP ? 0 : (int)number;
}

const char *signal_name(int number, char room[32])
{
    const char *name = sigabbrev_np(number);
    if (name)
        snprintf(room, 32, "SIG%s", name);
    else
        snprintf(room, 32, "signal %d", number);
    return room;
}
