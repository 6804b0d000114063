/* SPDX-License-Identifier: MIT */
/* suite_gtest.cpp - two tests, of which the second leaves a ring */
#include "ouro_gtest.h"

struct node {
    node *next;
};

TEST(ring, is_not_made)
{
    delete new node;
}

TEST(ring, is_left)
{
    node *n = new node;
    OURO_NEW(n, "node");
    n->next = n;
    OURO_LINK(n, "next", n);
}

int main(int argc, char **argv)
{
    testing::InitGoogleTest(&argc, argv);
    ouro_watch_tests();
    return RUN_ALL_TESTS();
}
