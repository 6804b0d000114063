/* SPDX-License-Identifier: MIT */
/*
 * signal_name.h - signals as users write them: SIGUSR2, USR2, 12
 */
#ifndef ANALYZER_LAUNCH_SIGNAL_NAME_H
#define ANALYZER_LAUNCH_SIGNAL_NAME_H

/* The number of a signal that a program can handle; 0: there is none of that
   name or number. */
int signal_number(const char *text);

/* "SIGUSR2"; for a number without a name, "signal 40" in `room`. */
const char *signal_name(int number, char room[32]);

#endif
