#!/bin/sh
# run_install.sh BUILD - what `make install` puts down works from there: the
# tool finds its guest, pkg-config the header, man its pages, and three shells
# complete command lines; uninstall takes everything back
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "${1:?usage: run_install.sh BUILD}" && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ouro-install.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
unset MAKEFLAGS MFLAGS LD_PRELOAD DESTDIR
prefix=$scratch/first
failed=0
LC_ALL=C.UTF-8
export LC_ALL

wrong() {
    printf 'FAIL: install: %s\n' "$*" >&2
    failed=$((failed + 1))
}

# expect WHAT GOT WANTED
expect() {
    [ "$2" = "$3" ] || wrong "$1: '$2', expected '$3'"
}

# same_make TARGET [VAR=VALUE...]: of the tree that is built already
same_make() {
    make -s -C "$root" "$@" BUILD="$build" >"$scratch/make.log" 2>&1 ||
        wrong "make $1: $(tail -n 3 "$scratch/make.log")"
}

files() {
    (cd "$1" && find . -type f | sort)
}

# Records, finds its guest, reports; also where the tree was moved to.
finds_its_guest() {
    for place in "$prefix" "$scratch/moved"; do
        [ -d "$place" ] || mv "$prefix" "$place"
        (cd "$scratch" && rm -rf ouro.out.ouro &&
            "$place/bin/ouro" run --error-exitcode=9 -- \
                "$build/samples/lost_list") >"$scratch/log" 2>&1
        expect "ouro run from $place" "$?" 9
        grep -q '^leak .* 3 blocks, 48 bytes' "$scratch/log" ||
            wrong "no leak told from $place: $(head -n 3 "$scratch/log")"
    done
    mv "$scratch/moved" "$prefix"
}

# The header and the library, as a build and a wrapper script ask for them.
finds_the_header() {
    PKG_CONFIG_PATH=$prefix/share/pkgconfig
    export PKG_CONFIG_PATH
    expect "version" "ouro $(pkg-config --modversion ouro)" \
        "$("$prefix/bin/ouro" --version)"
    # shellcheck disable=SC2046  # words
    "${CC-gcc}" -g $(pkg-config --cflags ouro) "$root/samples/pair.c" \
        -o "$scratch/pair" || wrong "pair.c does not build with ouro.pc's flags"
    LD_PRELOAD=$(pkg-config --variable=guest ouro) OURO_DIR=$scratch/pair.ouro \
        "$scratch/pair" >/dev/null
    "$prefix/bin/ouro" report "$scratch/pair.ouro" | grep -q '^cycle' ||
        wrong "no cycle recorded by LD_PRELOAD alone"
}

# What CMake, pytest and so on include.
finds_the_samples() {
    for sample in "$root"/samples/ci/*; do
        cmp "$sample" "$(pkg-config --variable=ci ouro)/${sample##*/}" ||
            wrong "${sample##*/} is not installed"
    done
}

# Every command has a page without a complaint, with each of its options.
has_manual_pages() {
    pages=$prefix/share/man/man1
    for page in "$pages"/*.1; do
        said=$(mandoc -T lint "$page" 2>&1)
        expect "mandoc of ${page##*/}" "$said" ""
        said=$(groff -man -ww -Tutf8 -z "$page" 2>&1)
        expect "groff of ${page##*/}" "$said" ""
    done
    for command in $("$prefix/bin/ouro" --help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
        mandoc -T utf8 "$pages/ouro-$command.1" | col -b >"$scratch/page" ||
            wrong "no page for $command"
        for option in $("$prefix/bin/ouro" "$command" --help |
            grep -o '^  .\{4\}--[a-z-]*' | tr -d ' ' | sed 's/^-.,//'); do
            grep -q -e "$option\\b" "$scratch/page" ||
                wrong "ouro-$command(1) says nothing of $option"
        done
    done
    [ -s "$scratch/page" ] || wrong "no commands in ouro --help"
    man -M "$prefix/share/man" --warnings -w ouro-run >"$scratch/found" 2>&1 &&
        expect "man -w" "$(cat "$scratch/found")" "$pages/ouro-run.1"
}

# The words that $shell proposes for a line must hold all of $wanted...
proposes() {
    line=$1
    shift
    got=$("in_$shell" "$line" 2>"$scratch/stderr")
    for wanted; do
        case " $(echo "$got" | tr '\n' ' ') " in
        *" $wanted "*) ;;
        *) wrong "$shell: '$line' does not propose '$wanted' but: $got" \
            "$(head -n 2 "$scratch/stderr")" ;;
        esac
    done
}

# ... and none of these.
never_proposes() {
    got=$("in_$shell" "$1" 2>/dev/null)
    case " $(echo "$got" | tr '\n' ' ') " in
    *" $2 "*) wrong "$shell: '$1' proposes '$2'" ;;
    esac
}

# Splits the line as readline does: an equals sign is a word.
in_bash() {
    # shellcheck disable=SC2016  # for bash
    bash --norc -c 'compopt() { :; }
        . "$1/share/bash-completion/completions/ouro"
        line=${2//=/ = }
        read -ra COMP_WORDS <<<"$line"
        [[ $line == *" " ]] && COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _ouro
        printf "%s\n" "${COMPREPLY[@]}"' bash "$prefix" "$1"
}

in_fish() {
    HOME=$scratch XDG_CONFIG_HOME=$scratch fish --no-config -c \
        "source $prefix/share/fish/vendor_completions.d/ouro.fish
         complete -C '$1'" | cut -f 1 | sed 's/^--.*=\(.\)/\1/'
}

# A shell on a terminal of its own, which is shown the line and a tab or two.
in_zsh() {
    # shellcheck disable=SC2016  # for zsh
    HOME=$scratch timeout 60 zsh -f -c 'zmodload zsh/zpty
        zpty shell "TERM=dumb zsh -f -i"
        zpty -w shell "fpath=($1/share/zsh/site-functions \$fpath)"
        zpty -w shell "autoload -Uz compinit && compinit -u -d $2/dump"
        zpty -w shell "LISTMAX=1000; unsetopt auto_menu; stty cols 400"
        zpty -w shell "bindkey \"^X?\" list-choices; PS1=\"RE\"ADY"
        zpty -r shell said "*READY*"
        zpty -w -n shell "$3"$'"'\\C-x?'"'
        zpty -w -n shell $'"'\\C-uprint DO\"\"NE\\n'"'
        zpty -r shell said "*DONE*"
        print -r -- "$said"' zsh "$prefix" "$scratch" "$1" | tr -d '\r'
}

completes() {
    shell=$1
    proposes 'ouro re' report record
    proposes 'ouro report --' --show-suppressed
    proposes 'ouro report --format=' text json
    never_proposes 'ouro report --' --max-size
    proposes 'ouro run --stacks=' all alloc none
    proposes 'ouro help co' coverage
    mkdir -p "$scratch/here/somewhere" && : >"$scratch/here/some.file"
    cd "$scratch/here" || exit 1
    proposes 'ouro record -o some' "$2"
    never_proposes 'ouro record -o some' some.file
    proposes 'ouro report some' some.file
    proposes 'ouro run -q -- mk' mkdir
    cd "$root" || exit 1
}

all_shells_complete() {
    completions=$prefix/share
    bash -n "$completions/bash-completion/completions/ouro" || wrong "bash -n"
    zsh -n "$completions/zsh/site-functions/_ouro" || wrong "zsh -n"
    fish -n "$completions/fish/vendor_completions.d/ouro.fish" || wrong "fish -n"
    completes bash somewhere
    completes fish somewhere/
    completes zsh somewhere/
}

# With DESTDIR the files go elsewhere and say where they will be.
is_staged() {
    same_make install DESTDIR="$scratch/stage" PREFIX=/opt/ouro
    expect "the staged files" "$(files "$scratch/stage/opt/ouro")" \
        "$(files "$prefix")"
    grep -q '^prefix=/opt/ouro$' "$scratch/stage/opt/ouro/share/pkgconfig/ouro.pc" ||
        wrong "ouro.pc names the stage"
    same_make uninstall DESTDIR="$scratch/stage" PREFIX=/opt/ouro
    expect "left by uninstall" "$(files "$scratch/stage")" ""
}

for tool in make pkg-config mandoc groff man bash zsh fish col; do
    command -v $tool >/dev/null || {
        echo "run_install.sh: $tool is missing" >&2
        exit 1
    }
done
same_make install PREFIX="$prefix"
finds_its_guest
finds_the_header
finds_the_samples
has_manual_pages
all_shells_complete
is_staged
same_make uninstall PREFIX="$prefix"
expect "left by uninstall" "$(files "$prefix")" ""

[ "$failed" -eq 0 ] || echo "install: $failed failed" >&2
[ "$failed" -eq 0 ]
