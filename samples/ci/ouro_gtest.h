/* SPDX-License-Identifier: MIT */
/*
 * ouro_gtest.h - GoogleTest tells ouro where each test begins
 *
 *     int main(int argc, char **argv)
 *     {
 *         testing::InitGoogleTest(&argc, argv);
 *         ouro_watch_tests();
 *         return RUN_ALL_TESTS();
 *     }
 *
 * A checkpoint with the test's name stands before each test and one after it,
 * so that what is found in a process of many tests can be told by test.
 */
#ifndef OURO_GTEST_H
#define OURO_GTEST_H

#include <gtest/gtest.h>
#include <ouro.h>

#include <string>
#include <vector>

class ouro_listener : public testing::EmptyTestEventListener
{
    /* the names must stay: ouro knows a text by its address */
    std::vector<std::string *> names;

    void OnTestStart(const testing::TestInfo &test) override
    {
        names.push_back(new std::string(std::string(test.test_suite_name()) +
                                        "." + test.name()));
        OURO_CHECKPOINT(names.back()->c_str());
    }

    void OnTestEnd(const testing::TestInfo &) override
    {
        OURO_CHECKPOINT("between tests");
    }

  public:
    ~ouro_listener() override
    {
        for (std::string *name : names)
            delete name;
    }
};

inline void ouro_watch_tests()
{
    testing::UnitTest::GetInstance()->listeners().Append(new ouro_listener);
}

#endif
