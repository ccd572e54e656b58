# Manual pages, help, examples and code say the same.
. "${0%/*}/lib.sh"
TRINE=${TRINE:-$BUILD/trine}
print=$BUILD/test/lint/settings_print

mandoc_is_content() {
	mandoc -Tlint -W warning man/*.[1-9] 2>&1 |
		grep -vE 'referenced manual not found|STYLE:|missing date|cannot parse date'
}

commands() { "$TRINE" help | sed -nE 's/^  +([a-z]+)( .*)?$/\1/p' | sort -u; }

there_are_commands() { [ "$(commands | wc -l)" -ge 10 ] || commands; }

every_command_is_in_the_manual() {
	for command in $(commands); do
		grep -qE "^\.(It|Ss|Nm|Ic|Cm)( Nm trine)?( (Ic|Cm|Nm))? (trine )?$command( |\$)" \
			man/trine.1 || echo "$command"
	done
}

every_option_of_the_help_is_in_the_manual() {
	for command in $(commands); do
		"$TRINE" help "$command" | grep -oE '(^|[ ,[|])--[a-z-]+' |
			sed 's/^[^-]*--//' | sort -u | while read -r option; do
			grep -qE "Fl (Fl|-)?-?$option|Fl -$option" man/trine.1 ||
				echo "trine $command --$option"
		done
	done
}

every_option_of_the_manual_is_in_the_help() {
	for command in $(commands); do "$TRINE" help "$command"; done >"$list"
	grep -oE 'Fl (Fl |-)[a-z-]+' man/trine.1 | sed -E 's/^Fl (Fl |-)//' |
		sort -u | while read -r option; do
		grep -qE -e "--$option([^a-z-]|\$)" "$list" || echo "--$option"
	done
}

exits_are_those_of_the_code() {
	sed -nE 's/^	ERR_[A-Z]+ = ([0-9]+).*/\1/p' include/trine/error.h |
		sort -u >"$list"
	sed -n '/^\.Sh EXIT STATUS/,/^\.Sh ENV/p' man/trine.1 |
		sed -nE 's/^\.It (Er |Li |Sy |Cm )?([0-9]+).*/\2/p' | sort -u |
		diff "$list" -
}

the_example_is_what_the_code_says() {
	"$print" example | diff config/trine.ini.example -
}

the_manual_is_what_the_code_says() {
	test/lint/settings_manual "$print" man/trine.ini.5 |
		diff man/trine.ini.5 -
}

every_event_is_in_the_manual() {
	sed -nE 's/^	\{ "([a-z]+\.[a-z]+)", apply_.*/\1/p' src/store/apply.c >"$list"
	[ -s "$list" ] || echo 'no events found'
	while read -r type; do
		grep -q "^\.It .*$type" man/trine-files.5 || echo "$type"
	done <"$list"
}

the_version_is_the_same_everywhere() {
	version=$(sed -n 's/^VERSION = //p' Makefile)
	[ "$("$TRINE" --version)" = "trine $version" ] || "$TRINE" --version
	grep -q "^## $version" NEWS.md || echo "NEWS.md has no entry for $version"
}

units_are_tight() {
	for unit in config/*.service; do
		systemd-analyze security --offline=true --threshold=20 \
			"$unit" >"$list" 2>&1 || tail -2 "$list"
	done
}

property_lists_are_well_formed() { xmllint --noout config/*.plist 2>&1; }

mkdir -p "$BUILD/test-logs"
list=$BUILD/test-logs/manuals.$$
trap 'rm -f "$list"' EXIT
if command -v mandoc >/dev/null 2>&1; then
	clean mandoc_is_content
else
	skip mandoc_is_content 'no mandoc'
fi
clean there_are_commands
clean every_command_is_in_the_manual
clean every_option_of_the_help_is_in_the_manual
clean every_option_of_the_manual_is_in_the_help
clean exits_are_those_of_the_code
clean the_example_is_what_the_code_says
clean the_manual_is_what_the_code_says
clean every_event_is_in_the_manual
clean the_version_is_the_same_everywhere
if systemd-analyze security --help >/dev/null 2>&1; then
	clean units_are_tight
else
	skip units_are_tight 'no systemd-analyze'
fi
if command -v xmllint >/dev/null 2>&1; then
	clean property_lists_are_well_formed
else
	skip property_lists_are_well_formed 'no xmllint'
fi
finish
