// SPDX-License-Identifier: MIT
// What static destructors of the program free, after the guest's own ran.
#include <cstdio>
#include <map>
#include <string>
#include <vector>

static std::map<int, std::string> table;
static std::vector<std::string> names;

int main()
{
    for (int i = 0; i < 1000; i++) {
        table[i] = std::string(100, 'x');
        names.push_back(std::string(50, 'y'));
    }
    std::puts("filled");
    return 0;
}
