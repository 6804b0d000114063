#!/bin/sh
# inputs.sh FILE - writes a generated input, named KIND-SIZE.EXTENSION, into the
# current directory unless it is there: the same bytes each time
set -eu
name=${1%.*}
size=${name#*-}

# A table of SIZE rows with strings, an index, a join with itself, a group
sql() {
    cat <<END
create table t(a integer, b text);
with recursive c(x) as (select 1 union all select x + 1 from c where x < $1)
    insert into t select x, hex(x * 7919 % 100003) from c;
create index i on t(b);
select count(distinct b), max(length(b)) from t;
select sum(length(b || a)) from t;
select b, count(*) from t group by substr(b, 1, 4) order by 2 desc limit 5;
END
}

# SIZE functions that instantiate templates, of their own and of the library
templates() {
    awk -v n="$1" 'BEGIN {
        print "#include <functional>\n#include <map>\n#include <memory>"
        print "#include <string>\n#include <tuple>\n#include <variant>\n#include <vector>"
        print "template <int N> struct node {"
        print "    using type = std::tuple<typename node<N - 1>::type, std::integral_constant<int, N>>;"
        print "    static constexpr long sum = node<N - 1>::sum + N;\n};"
        print "template <> struct node<0> { using type = int; static constexpr long sum = 0; };"
        for (i = 0; i < n; i++) {
            printf "struct key%d { int v; bool operator<(const key%d &o) const { return v < o.v; } };\n", i, i
            printf "long use%d(int x) {\n", i
            printf "    std::map<key%d, std::vector<std::string>> m;\n", i
            printf "    m[key%d{x}].emplace_back(\"%d\");\n", i, i
            printf "    std::variant<int, std::string, key%d> v = key%d{x};\n", i, i
            printf "    std::function<long(key%d)> f = [&m](key%d k) { return (long)m.count(k); };\n", i, i
            printf "    auto p = std::make_shared<key%d>(key%d{x});\n", i, i
            printf "    return f(*p) + std::visit([](auto &&a) { return (long)sizeof a; }, v) + node<%d>::sum;\n}\n", 50 + i % 100
        }
    }'
}

# Numbers that look random, the same in every awk: draw(n) is below n; text(n) is
# a word or several, n letters at most
random='
    function draw(n) {
        state = state * 16807 % 2147483647
        return state % n
    }
    function text(n,    at) {
        at = draw(900)
        return substr(letters, at + 1, 1 + draw(n))
    }
    BEGIN {
        state = 20261
        for (i = 0; i < 1000; i++)
            letters = letters (draw(7) ? sprintf("%c", 97 + draw(26)) : " ")
    }'

# SIZE megabytes of elements with attributes and text
xml() {
    awk -v size="$1" "$random"'
    BEGIN {
        print "<?xml version=\"1.0\"?>\n<catalog>"
        for (i = 0; bytes < size * 1000000; i++) {
            s = sprintf("<item id=\"%d\" kind=\"k%d\"><name>%s</name>", i, draw(17), text(40))
            if (draw(3))
                s = s sprintf("<price unit=\"EUR\">%d.%02d</price>", draw(1000), draw(100))
            for (n = draw(4); n > 0; n--)
                s = s sprintf("<tag at=\"%d\">%s</tag>", draw(1009), text(12))
            s = s "</item>"
            print s
            bytes += length(s) + 1
        }
        print "</catalog>"
    }'
}

# SIZE megabytes of an array of records
json() {
    awk -v size="$1" "$random"'
    BEGIN {
        print "["
        for (i = 0; bytes < size * 1000000; i++) {
            s = sprintf("{\"id\":%d,\"kind\":\"k%d\",\"name\":\"%s\",\"price\":%d.%02d,\"tags\":[\"%s\"", i, draw(17), text(40), draw(1000), draw(100), text(12))
            for (n = draw(3); n > 0; n--)
                s = s ",\"" text(12) "\""
            s = s "]" (draw(2) ? sprintf(",\"stock\":{\"here\":%d,\"there\":null}", draw(50)) : "") "}"
            print (i ? "," : "") s
            bytes += length(s) + 2
        }
        print "]"
    }'
}

# SIZE rounds of loops that leave rings behind, and the interpreter's collector
lisp() {
    awk -v n="$1" 'BEGIN {
        print "(define (count-to limit) (letrec ((count (lambda (n) (if (= n limit) n (count (+ n 1)))))) (count 0)))"
        print "(define (build n) (if (= n 0) (quote ()) (cons n (build (- n 1)))))"
        for (i = 1; i <= n; i++) {
            print "(print (count-to 20))\n(count-to 30)\n(build 25)"
            if (i % 50 == 0)
                print "(collect)"
        }
    }'
}

[ ! -e "$1" ] || exit 0
case $1 in
table-*.sql) sql "$size" ;;
templates-*.ii) templates "$size" | g++ -E -x c++ - ;;
catalog-*.xml) xml "$size" ;;
catalog-*.json) json "$size" ;;
script-*.lisp) lisp "$size" ;;
*) echo "bench: $1: nothing generates this" >&2 && exit 2 ;;
esac >"$1.part"
mv "$1.part" "$1"
