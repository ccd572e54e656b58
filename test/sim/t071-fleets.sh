# Half of the fleets by chance, in memory; t072 has the others.
. "${0%/*}/lib.sh"
cycles=250 seeds=10
if slow; then cycles=200 seeds=3; fi
fleets "$seeds fleets of $cycles cycles" --seed 1 --seeds $seeds --cycles $cycles
finish
