#!/bin/sh
# A pending cancellation does not strike inside malloc.
. "$(dirname "$0")/../host_kit.sh"
build cancel
same ./cancel
grep -q '20 of 20' guest.out || fail "a thread was cancelled"
intact
