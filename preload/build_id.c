/* SPDX-License-Identifier: MIT */
#include "build_id.h"

#include "window.h"

#include <elf.h>
#include <string.h>

/* One segment of notes. */
static uint32_t read_notes(unsigned char *id, uintptr_t at, size_t len,
                           size_t align)
{
    struct window w = {0, 0};
    while (len >= sizeof(Elf64_Nhdr) &&
           window_jump(&w, at, sizeof(Elf64_Nhdr))) {
        const Elf64_Nhdr *note = (const Elf64_Nhdr *)at;
        const size_t name = (note->n_namesz + align - 1) & ~(align - 1);
        const size_t desc = (note->n_descsz + align - 1) & ~(align - 1);
        const size_t whole = sizeof *note + name + desc;
        if (whole > len || !window_jump(&w, at, whole))
            return 0;
        if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
            note->n_descsz <= BUILD_ID_MAX && memcmp(note + 1, "GNU", 4) == 0) {
            memcpy(id, (const char *)(note + 1) + name, note->n_descsz);
            return note->n_descsz;
        }
        at += whole;
        len -= whole;
    }
    return 0;
}

/* The ELF header is the first thing that a module maps, and the program headers
   follow it. */
static const Elf64_Ehdr *find_header(struct window *w, uintptr_t start)
{
    const Elf64_Ehdr *elf = (const Elf64_Ehdr *)start;
    if (!window_jump(w, start, sizeof *elf) ||
        memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0 ||
        elf->e_phentsize != sizeof(Elf64_Phdr) || elf->e_phoff > WINDOW_PAGE ||
        !window_grow(w, start + elf->e_phoff,
                     elf->e_phnum * sizeof(Elf64_Phdr)))
        return NULL;
    return elf;
}

uint32_t build_id_read(unsigned char id[BUILD_ID_MAX], uintptr_t start,
                       uintptr_t end, uintptr_t bias)
{
    struct window w = {0, 0};
    const Elf64_Ehdr *elf = find_header(&w, start);
    uint32_t n = 0;
    for (uint32_t i = 0; elf && i < elf->e_phnum && n == 0; i++) {
        const Elf64_Phdr *h = (const Elf64_Phdr *)(start + elf->e_phoff) + i;
        const uintptr_t at = bias + h->p_vaddr;
        if (h->p_type == PT_NOTE && at >= start && at < end)
            n = read_notes(id, at, h->p_memsz, h->p_align == 8 ? 8 : 4);
    }
    return n;
}
