# What shells complete is what there is.
. "${0%/*}/lib.sh"
. "${0%/*}/servers.sh"

# What each shell offers for what is typed so far; the last word may be empty. Nothing
# of this person's own is read.
in_bash() {
	"$TRINE" completions bash >bash
	cat >>bash <<-'END'
	COMP_WORDS=(trine "$@") COMP_CWORD=$#
	_trine
	echo "${COMPREPLY[*]}"
	END
	bash --norc --noprofile bash "$@"
}
in_fish() {
	"$TRINE" completions fish >fish
	fish --no-config -c "source fish; complete -C 'trine $*' | string split -f1 \\t" |
		sort | tr '\n' ' '
}

bash_completes() {
	"$TRINE" completions bash >script
	bash -n script
	while IFS='|' read -r typed offered; do
		# shellcheck disable=SC2086 # words
		set -- $typed
		case $typed in *' ') set -- "$@" '' ;; esac
		[ "$(in_bash "$@")" = "$offered" ] || fail "$typed: $(in_bash "$@")"
	done <<-'END'
	ta|takeover task
	task cl|claim
	-q task cl|claim
	-C /x task add --na|--name
	task add --pr|--priority --prefer
	task add --name |
	alert c|clear
	help task ve|veto
	send 2 |
	git lo|
	nonsense |
	END
}

nothing_is_left_out() {
	"$TRINE" help | sed -n 's/^  \([a-z][a-z]*\)  .*/\1/p' | sort >said
	in_bash '' | tr ' ' '\n' | sort >offered
	diff -u said offered
	"$TRINE" help task | sed -n 's/^task \([a-z]*\): .*/\1/p' | sort >said
	[ "$(wc -l <said)" -gt 10 ]
	in_bash task '' | tr ' ' '\n' | sort >offered
	diff -u said offered
	"$TRINE" help task add | sed -nE 's/^ +(-[a-z], )?(--[a-z-]+).*/\2/p' | sort >said
	in_bash task add -- | tr ' ' '\n' | sort >offered
	diff -u said offered
}

fish_completes() {
	[ "$(in_fish ta)" = 'takeover task ' ]
	[ "$(in_fish task cl)" = 'claim ' ]
	[ "$(in_fish -C /x task add --na)" = '--name ' ]
	[ "$(in_fish help task ve)" = 'veto ' ]
}

zsh_reads_it() {
	"$TRINE" completions zsh >script
	zsh -f -n script
}

other_shells_are_named() {
	expect_status 64 said told "$TRINE" completions tcsh
	expect_line 'bash, zsh or fish' told
	expect_status 64 "$TRINE" completions
}

it_with bash bash_completes
it_with bash nothing_is_left_out
it_with fish fish_completes
it_with zsh zsh_reads_it
it other_shells_are_named
finish
