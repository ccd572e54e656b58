. "${0%/*}/lib.sh"
quarter_from 11
finish
