# Fleets by chance on real files and repositories, whose power goes at times.
. "${0%/*}/lib.sh"
if slow; then
	points=1
	echo 'ok 1 - fleets on files # SKIP under no other tool'
else
	fleets 'two fleets of 60 cycles on files' --tier 2 --seeds 2 --cycles 60
fi
finish
