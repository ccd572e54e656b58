# The plan of a soak test: what happens, cycle by cycle, from a seed. The same
# numbers in every awk.
#	awk -v seed=1 -v cycles=150 -f plan.awk
# One action a line: its name, then a computer and what it needs; the cycle
# itself comes as "cycle NUMBER COMPUTER HOW ARGUMENT".

function below(n) {
	state = state * 16807 % 2147483647
	return int(state / 2147483647 * n)
}

function percent(n) { return below(100) < n }

function other(n) { return (n + below(2)) % 3 + 1 }

function reader(n) { return percent(20) ? "ALL" : other(n) }

# Below 1000: one of the actions of a desk, by its share.
function act(n, dice) {
	token++
	if (dice < 420)
		print "send", n, reader(n), percent(35) ? "task" : "message", token
	else if (dice < 460)
		print "killed_send", n, reader(n), below(9), token
	else if (dice < 490)
		print "retract", n, other(n), token
	else if (dice < 620)
		print "loose", n, reader(n), percent(30) ? "fresh" : "old", token
	else if (dice < 650)
		print "save", n, other(n)
	else if (dice < 690)
		print "old_copy", n, token
	else if (dice < 790)
		print "shared", n, 1 + below(4), token
	else if (dice < 830)
		print "scribble_status", n, other(n), token
	else if (dice < 860)
		print "scribble_stream", n, other(n), n, token
	else if (dice < 890)
		print "own_status", n, token
	else if (dice < 930)
		print "note", n, other(n), token
	else if (dice < 955)
		print "person", 1 + below(3), token
	else if (dice < 970)
		print "person_scribbles", 1 + below(3), token
	else if (dice < 990)
		print "lose_file", n, below(3)
	else
		print "lose_desk", n
}

# What the world does for a while.
function weather() {
	if (until > cycle)
		return
	if (until == cycle)
		print over
	if (percent(3)) {
		print "refuse", below(2)
		over = "allow"
	} else if (percent(3)) {
		print "cut"
		over = "join"
	} else {
		return
	}
	until = cycle + 1 + below(7)
}

function how(dice) {
	if (dice < 58)
		return "plain 0"
	if (dice < 68)
		return "offline 0"
	if (dice < 83)
		return "checkpoint " 1 + below(24)
	if (dice < 92)
		return "kill " 1 + below(40)
	if (dice < 96)
		return "twice 0"
	return "editing " 1 + below(20)
}

BEGIN {
	state = seed % 2147483646 + 1
	below(2)
	until = -1
	for (cycle = 1; cycle <= cycles; cycle++) {
		weather()
		n = 1 + below(3)
		for (left = below(4); left > 0; left--)
			act(n, below(1000))
		token++
		print "cycle", cycle, n, how(below(100)), token
	}
	if (until >= cycles)
		print over
}
