. "${0%/*}/lib.sh"
quarter_from 6
finish
