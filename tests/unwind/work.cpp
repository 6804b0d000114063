// SPDX-License-Identifier: MIT
// Work for the unwinder's test: a compiler is busy with this for a second.
#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

template <int n> struct nest {
    std::map<std::string, std::variant<int, std::vector<std::string>>> map;
    nest<n - 1> next;
    int run(const std::function<int(int)> &f)
    {
        map[std::to_string(n)] = f(n);
        return next.run([&](int x) { return f(x) + n; });
    }
};

template <> struct nest<0> {
    int run(const std::function<int(int)> &f)
    {
        return f(0);
    }
};

int main()
{
    std::vector<int> v{3, 1, 2};
    std::sort(v.begin(), v.end(), [](int a, int b) { return a > b; });
    return nest<40>().run([&](int x) { return x + v[0]; });
}
