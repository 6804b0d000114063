# SPDX-License-Identifier: MIT
# OuroTest.cmake - CTest tests that are recorded, and a test that fails where
# they leak what the baseline does not know
#
#   include(OuroTest)
#   ouro_add_test(NAME parser COMMAND parser_test --fast)
#   ouro_add_test(NAME writer COMMAND writer_test)
#   ouro_gate(BASELINE ${CMAKE_SOURCE_DIR}/ouro-baseline.json)
#
# `ctest` then clears the recordings, runs the tests, each under `ouro record`
# with the exit status that it has without, and at last `ouro.gate`, which also
# follows where only some of them were picked (`ctest -R parser`). What follows
# BASELINE FILE goes to `ouro gate` as it is: --strict, --fail-on=cycle.
# `cmake --build . --target ouro-baseline` writes the baseline from the last run.
#
# Where ouro is not installed, or with -DOURO=OFF, they are plain tests.
option(OURO "record tests with ouro" ON)
find_program(OURO_PROGRAM ouro)
if(OURO AND NOT OURO_PROGRAM)
  message(STATUS "no ouro in PATH: tests are not recorded")
endif()
set(OURO_RECORDINGS ${CMAKE_BINARY_DIR}/ouro)

# ouro_add_test(NAME name COMMAND command [argument...])
function(ouro_add_test)
  cmake_parse_arguments(PARSE_ARGV 0 test "" "NAME" "COMMAND")
  if(NOT test_NAME OR NOT test_COMMAND)
    message(FATAL_ERROR "ouro_add_test(NAME name COMMAND command...)")
  endif()
  if(NOT OURO OR NOT OURO_PROGRAM)
    add_test(NAME ${test_NAME} COMMAND ${test_COMMAND})
    return()
  endif()
  list(POP_FRONT test_COMMAND program)
  if(TARGET ${program})
    set(program $<TARGET_FILE:${program}>)
  endif()
  string(REGEX REPLACE "[^A-Za-z0-9_.+-]" "_" recording "${test_NAME}")
  if(NOT TEST ouro.clear)
    add_test(NAME ouro.clear COMMAND
      sh -c [[rm -rf "$0" && mkdir -p "$0"]] ${OURO_RECORDINGS})
    set_tests_properties(ouro.clear PROPERTIES FIXTURES_SETUP ouro)
  endif()
  add_test(NAME ${test_NAME} COMMAND ${OURO_PROGRAM} record
    -o ${OURO_RECORDINGS}/${recording}.ouro -- ${program} ${test_COMMAND})
  set_tests_properties(${test_NAME} PROPERTIES FIXTURES_REQUIRED ouro)
endfunction()

# ouro_gate(BASELINE file [option of ouro gate...])
function(ouro_gate)
  cmake_parse_arguments(PARSE_ARGV 0 gate "" "BASELINE" "")
  if(NOT gate_BASELINE)
    message(FATAL_ERROR "ouro_gate(BASELINE file [option...])")
  endif()
  if(NOT OURO OR NOT OURO_PROGRAM)
    return()
  endif()
  set(command sh -c [[where=$1 && shift && exec "$0" gate "$@" "$where"/*.ouro]]
    ${OURO_PROGRAM} ${OURO_RECORDINGS} --baseline=${gate_BASELINE})
  add_test(NAME ouro.gate COMMAND ${command} ${gate_UNPARSED_ARGUMENTS})
  set_tests_properties(ouro.gate PROPERTIES FIXTURES_CLEANUP ouro)
  add_custom_target(ouro-baseline
    COMMAND ${command} ${gate_UNPARSED_ARGUMENTS} --write-baseline VERBATIM)
endfunction()
