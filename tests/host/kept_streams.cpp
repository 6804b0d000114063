// SPDX-License-Identifier: MIT
// kept_streams.cpp - iostreams, exceptions and locales of libstdc++
#include <iostream>
#include <locale>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <thread>

int main()
{
    std::ostringstream s;
    s << 1.5 << ' ' << std::hex << 255;
    std::cout << s.str() << std::endl;
    try {
        throw std::runtime_error("thrown");
    } catch (const std::exception &e) {
        std::cerr << e.what() << '\n';
    }
    std::thread([] {}).join();
    std::cout << std::regex_match("aab", std::regex("a*b")) << '\n';
}
