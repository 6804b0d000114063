/* SPDX-License-Identifier: MIT */
/*
 * image_command.h - what the commands share that tell something of each process
 * image: text or JSON, --pid, --threshold
 *
 *     static int run(int argc, char **argv, FILE *out)
 *     {
 *         struct asked a = {.c = image_command_of(&cmd_gc, "ouro-gc/1", out)};
 *         struct cmd_line l = { ... };
 *         for (int id; (id = cmd_next(&l)) != CMD_DONE;) {
 *             if (id == CMD_STOP || !image_command_option(&a.c, &l, id))
 *                 return l.status;
 *         }
 *         ...
 *         return image_command_ask(&a.c, recording, image_replay, visit, &a);
 *     }
 */
#ifndef ANALYZER_COMMANDS_IMAGE_COMMAND_H
#define ANALYZER_COMMANDS_IMAGE_COMMAND_H

#include "commands/cmd.h"
#include "report/image.h"
#include "report/json_out.h"
#include "report/text_out.h"

struct image_command {
    const struct cmd *cmd;
    const char *schema;
    FILE *out;
    struct text_out text;
    bool as_json;
    struct json_out json; /* each image is one value of an array */
    uint32_t pid;         /* 0: all */
    struct gc_options gc;
};

/* Rows of a table of options. */
enum { IMAGE_PID = CMD_LONG + 64, IMAGE_THRESHOLD };
#define IMAGE_FORMAT_OPTION                                                    \
    {                                                                          \
        'f', "format", "FORMAT", "text (the default) or json"                  \
    }
#define IMAGE_PID_OPTION                                                       \
    {                                                                          \
        IMAGE_PID, "pid", "N", "of this process only"                          \
    }
#define IMAGE_THRESHOLD_OPTION                                                 \
    {                                                                          \
        IMAGE_THRESHOLD, "threshold", "A,B,C",                                 \
            "collect by these thresholds, whatever the program\n"              \
            "says (default: 700,10,10, and as it says)"                        \
    }

struct image_command image_command_of(const struct cmd *cmd, const char *schema,
                                      FILE *out);

/* Takes one of these options with the value that was read. False: it is no such
   option, or its value makes no sense, which was said; l->status says what to
   return. */
bool image_command_option(struct image_command *c, struct cmd_line *l, int id);

/* Visits the images (each_image.h), within the frame of the JSON where that is
   asked for. An exit code. */
int image_command_ask(struct image_command *c, const char *recording,
                      int (*prepare)(struct image *i),
                      int (*visit)(void *to, struct image *i), void *to);

#endif
