# The table of docs/conformance.md from what make_folder_forms.py wrote:
#     ./jformers conform --details OUT/*/ | awk -f tools/golden/folder_forms_table.awk
# A line of the run is FAMILY-FORM-VERSION-OPERATION and its outcome; those that begin with blanks are its comparisons.
function add(list, item) { return index(list, item) ? list : list (list == "" ? "" : "; ") item }
/^[a-z]/ && match($1, /-(saved|older|sharded|nameless)-[0-9.]+-[a-z]+$/) {
    family = substr($1, 1, RSTART - 1)
    split(substr($1, RSTART + 1), part, "-")
    form = part[1]
    operation = part[3] == "body" ? "forward" : part[3]
    if (!(family in seen)) { seen[family] = 1; order[++families] = family }
    place = family SUBSEP form
    if ($2 == "passed") done[place] = add(done[place], operation)
    counts[$2]++
}
/^ +passed .*: refused: / { refused[place] = add(refused[place], operation " refused: " after(": refused: ")) }
/^ +failed / {
    refusal = match($0, /: [A-Za-z]*Exception: /)
    refused[place] = add(refused[place], operation " " (refusal ? "refused: " substr($0, RSTART + RLENGTH) : "FAILED"))
}
function after(mark) { return substr($0, index($0, mark) + length(mark)) }
END {
    print "| Family | as saved | older tokenizer files | sharded .bin | no `architectures` |"
    print "|---|---|---|---|---|"
    split("saved older sharded nameless", form4, " ")
    for (i = 1; i <= families; i++) {
        row = "| " order[i] " |"
        for (j = 1; j <= 4; j++) {
            place = order[i] SUBSEP form4[j]
            row = row " " (refused[place] != "" ? refused[place] : done[place] != "" ? "exact" : "-") " |"
        }
        print row
    }
}
