/* SPDX-License-Identifier: MIT */
/*
 * elf_file.h - opens files that a trace names, without trusting the name
 *
 * Only regular files of a sane size are opened, never so that the open could
 * wait or make a terminal ours. A file counts as the recorded one only if its
 * build-id says so; where none was recorded, it must have none and be older
 * than the recording's end.
 */
#ifndef ANALYZER_EXPLAIN_ELF_FILE_H
#define ANALYZER_EXPLAIN_ELF_FILE_H

#include <stdbool.h>
#include <stdint.h>

enum elf_status {
    ELF_FILE_OK,
    ELF_FILE_GONE,    /* nothing there, or it cannot be opened */
    ELF_FILE_CHANGED, /* another build-id */
    ELF_FILE_STRANGE, /* no regular file, too large, or not ELF */
    N_ELF_STATUSES
};

struct build_id {
    const unsigned char *bytes;
    uint32_t len; /* 0: none */
};

struct elf_source {
    const char *path;
    struct build_id id;
    uint64_t end_ns;  /* CLOCK_REALTIME of the recording's end; 0: unknown */
    const char *pack; /* a packed recording that may have it; or NULL */
};

/* Is it the same file? What has no build-id is known by its path, as it was
   when the recording ended. */
bool elf_source_is(const struct elf_source *a, const struct elf_source *b);

/* A descriptor, or -1 with *why set. */
int elf_file_open(const char *path, enum elf_status *why);

/* The same, and only the file that was recorded. */
int elf_file_open_recorded(const struct elf_source *s, enum elf_status *why);

/* The separate debug information of a file: from its pack; by build-id; then by
   the name and checksum that the file links to (link may be NULL). A
   descriptor or -1; *found (malloc) is its path. */
int elf_file_open_debug(const struct elf_source *s, const char *link,
                        uint32_t crc, char **found);

#endif
