// SPDX-License-Identifier: MIT
// Exceptions and threads together.
#include <atomic>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

static void thrower(int n)
{
    std::string s(static_cast<std::size_t>(n) * 10 + 1, 'x');
    if (n == 0)
        throw std::runtime_error(s);
    thrower(n - 1);
}

int main()
{
    std::atomic<int> caught{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; i++)
        threads.emplace_back([&caught, i] {
            for (int k = 0; k < 500; k++) {
                try {
                    thrower(i + k % 5);
                } catch (const std::exception &e) {
                    caught++;
                }
            }
        });
    for (auto &t : threads)
        t.join();
    std::printf("caught %d\n", caught.load());
    return 0;
}
