# Fleets by chance on real files and repositories, whose power goes at times.
. "${0%/*}/lib.sh"

lost_power() { echo "$covered" | grep -q 'loss of power'; }

if slow; then
	points=1
	echo 'ok 1 - fleets on files # SKIP under no other tool'
else
	fleets 'two fleets of 60 cycles on files' --tier 2 --seeds 2 --cycles 60 \
		--covered
	covered=$said
	point 'the power goes at times' lost_power
	point 'a seed does the same again' does_the_same_again \
		--tier 2 --seed 3 --cycles 25
fi
finish
