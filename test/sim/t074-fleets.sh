. "${0%/*}/lib.sh"
quarter_from 16
finish
