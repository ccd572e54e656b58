# Fleets by chance, in memory: a quarter of them; t072 to t074 have the others.
. "${0%/*}/lib.sh"
quarter_from 1
finish
