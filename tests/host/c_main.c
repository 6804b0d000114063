/* SPDX-License-Identifier: MIT */
/* A C program whose only C++ is a library: who unwinds its exceptions? */
int catch_some(void);

int main(void)
{
    return catch_some() == 100000 ? 0 : 1;
}
