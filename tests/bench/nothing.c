/* SPDX-License-Identifier: MIT */
/* nothing - what it takes to start a program under a tool */
int main(void)
{
    return 0;
}
