"""Why something was noticed: for every code the cause in words, what to do, and how much hangs on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from matcher.messages import N_


class Weight(IntEnum):
    """How much hangs on a finding, the worst first."""

    REFUSED = 0
    HELD_BACK = 1
    TO_LOOK_AT = 2
    TOLD = 3


@dataclass(frozen=True)
class Cause:
    """What a code means.

    Attributes
    ----------
    title, remedy : str
        Message ids: what is the matter, what to do. No value of any cell stands in them.
    """

    code: str
    weight: Weight
    title: str
    remedy: str


_R, _H, _L, _T = Weight
CAUSES = {
    cause.code: cause
    for cause in (
        Cause("blank_required", _R, N_("A cell that is required is blank."),
              N_("Fill it in, or delete the row.")),
        Cause("repeated_id", _R, N_("An id stands on two rows."),
              N_("Every household and cadre has a number of its own: correct one of the two, or delete it.")),
        Cause("id_in_number_cell", _R, N_("A long number stands in a number cell; its last digits are lost."),
              N_("Format the column as text and enter the numbers again from the paper; changing the format alone brings no digit back.")),
        Cause("id_in_other_column", _R, N_("An ID number stands in a column that every list shows."),
              N_("Move it to the column of ID numbers, or delete it.")),
        Cause("id_number_as_id", _L, N_("ID numbers are used as numbers of households or cadres; every list shows them."),
              N_("Give households and cadres numbers of their own, the same in all tables.")),
        Cause("not_a_number", _R, N_("A whole number is wanted."),
              N_("Enter a whole number such as 3, without words.")),
        Cause("not_yes_or_no", _R, N_("Yes or no is wanted."),
              N_("Enter 是 or 否, or leave the cell blank.")),
        Cause("month_unreadable", _R, N_("A month cannot be read."),
              N_("Write it as 2008-07, as text.")),
        Cause("contradicting_rows", _R, N_("Two rows say different things of the same."),
              N_("Keep the one that is right.")),
        Cause("blank_county", _R, N_("The county is blank in a month of several counties."),
              N_("Fill in the county.")),
        Cause("required_not_permitted", _R, N_("A pair that must be is not permitted."),
              N_("Correct the list of required pairs, or what forbids the pair.")),
        Cause("fixed_conflict", _R, N_("Fixed pairs cannot all stand."),
              N_("Release one of the pairs that are named.")),
        Cause("absent", _L, N_("A row names a household or cadre that is in no table."),
              N_("Compare the number with the households' and cadres' tables; where they left, nothing need be done.")),
        Cause("persons_contradict", _R, N_("Rows of persons of one household say different things."),
              N_("Make place, income and the like agree in all rows of the household.")),
        Cause("no_head", _R, N_("A household has no head among its persons."),
              N_("Write 户主 where the head's relation stands.")),
        Cause("two_heads", _R, N_("A household has two heads."),
              N_("Correct the relation of one of them.")),
        Cause("missing_column", _R, N_("A required column is missing."),
              N_("Add the column, or correct its header.")),
        Cause("repeated_column", _R, N_("Two columns mean one thing."),
              N_("Delete one of the two.")),
        Cause("repeated_header", _R, N_("A header stands twice."),
              N_("Delete or rename one.")),
        Cause("two_headers", _R, N_("Two rows could be the header."),
              N_("Keep one, or give each table a sheet of its own.")),
        Cause("unit_contradiction", _R, N_("The unit of the income is said twice, differently."),
              N_("Say 元 or 万元 once, in the header of the income.")),
        Cause("merged_values", _R, N_("Merged cells hold different values."),
              N_("Take the merging off, and fill in each row.")),
        Cause("ragged_row", _R, N_("A row of a CSV file has more or fewer fields than the header."),
              N_("Look for a comma within a value, or save the table as .xlsx.")),
        Cause("line_break", _R, N_("A field of a CSV file holds a line break, or an open quotation mark."),
              N_("Take the line break out, or save the table as .xlsx.")),
        Cause("csv", _R, N_("A CSV file cannot be split into fields."),
              N_("Look at the quotation marks of the row, or save the table as .xlsx.")),
        Cause("encoding", _R, N_("A file's characters cannot be read."),
              N_("Save the table again as .xlsx, or as CSV UTF-8.")),
        Cause("damaged", _R, N_("A file is damaged."),
              N_("Open it, save it again as .xlsx; if that fails ask the sender for it again.")),
        Cause("encrypted", _R, N_("A workbook has a password."),
              N_("Save it without a password.")),
        Cause("macros", _R, N_("A workbook holds macros."),
              N_("Save it as .xlsx, without macros.")),
        Cause("far_cell", _R, N_("A sheet holds something far beyond the table."),
              N_("Delete the rows and columns beyond the table, and save again.")),
        Cause("too_large", _R, N_("A file is larger than what is read."),
              N_("Split it into several files.")),
        Cause("format", _R, N_("A file is of a kind that is not read."),
              N_("Save it as .xlsx or CSV.")),
        Cause("not_opened", _R, N_("A file or folder cannot be opened."),
              N_("Close it in Excel or WPS, ask for the right to read it, and try again.")),
        Cause("same_table_twice", _R, N_("A table is there twice, in two formats."),
              N_("Keep one of the two files.")),
        Cause("no_policy", _R, N_("There is no policy.toml."),
              N_("Make one with jiedui init, or copy last month's and write the new month and a new seed into it.")),
        Cause("no_month", _R, N_("It is not said which month it is."),
              N_("Write programme.month into policy.toml, or name the folder 2008-07.")),
        Cause("toml", _R, N_("policy.toml cannot be read."),
              N_("Correct the line that is named.")),
        Cause("policy", _R, N_("A key of policy.toml cannot be used."),
              N_("Correct the key that is named.")),
        Cause("nobody_eligible", _H, N_("No household is eligible: nobody will be paired."),
              N_("Look at the incomes, their unit (元 or 万元), and the line in policy.toml.")),
        Cause("no_welfare_list", _H, N_("There is no welfare list: nobody is kept out by it."),
              N_("Put the civil affairs bureau's list into the folder, and check again.")),
        Cause("many_absent", _H, N_("Many of last month's households are in no row this month."),
              N_("Look whether a township's file is missing.")),
        Cause("nobody_may_serve", _H, N_("A township or village is served by no cadre: its households stay without."),
              N_("Write its name alike in the households' and the cadres' (or units') tables, or give it to a cadre.")),
        Cause("empty_file", _H, N_("A file that bears a table's name is empty."),
              N_("Look whether it was saved whole; if nothing is to be sent, delete it.")),
        Cause("month_not_folder", _H, N_("policy.toml says another month than the folder's name."),
              N_("Write the new month and a new seed into it, if it was copied.")),
        Cause("seed_not_month", _H, N_("The lot's seed is another month."),
              N_("Write a new seed into policy.toml, if it was copied.")),
        Cause("required_absent", _R, N_("A required pair names a household or cadre that is in no table."),
              N_("Correct the number, or take the row out of the required pairs.")),
        Cause("income_unusable", _H, N_("An income is no amount; the household is held back."),
              N_("Ask the township for the figure.")),
        Cause("income_suspect", _H, N_("A file's incomes are far from the line; all its households are held back."),
              N_("Look whether they are in 万元 or 元, and say so in the header.")),
        Cause("welfare_nobody", _R, N_("A row of the welfare lists has neither a name nor an ID number that can be read."),
              N_("Complete it; as it is it keeps nobody out.")),
        Cause("welfare_uncertain_matched", _H, N_("A household that may be on a welfare list was paired all the same, as the policy says."),
              N_("Ask the civil affairs bureau.")),
        Cause("review_contradicts", _H, N_("Two answers to one review contradict each other; neither counts."),
              N_("Keep the one that is right.")),
        Cause("review_ambiguous", _H, N_("An answer to a review fits several rows of the welfare lists; it does not count."),
              N_("Write the row's place and ID number into the answer.")),
        Cause("review_stale", _L, N_("An answer to a review names a row that is on no list this month."),
              N_("Nothing need be done; if the row should be there, look at its name and months.")),
        Cause("review_fits_other", _L, N_("An answer says yes for a household, but the row surely means another."),
              N_("Look whose row it is; correct the answer or the list.")),
        Cause("review_certain", _L, N_("An answer says no, but the row surely means the household."),
              N_("Correct the welfare list if it is wrong.")),
        Cause("review_yes_twice", _L, N_("A row of the welfare lists is answered yes for several households; all are kept out."),
              N_("Look whether it means only one of them.")),
        Cause("pin_not_permitted", _L, N_("A pair that should stay as it is no longer may."),
              N_("Look at cadre and household; if the pair should stay correct what forbids it.")),
        Cause("id_malformed", _L, N_("Something else than an ID number stands in its column."),
              N_("Correct it: 18 or 15 digits, as text. Until then it finds nobody on the lists.")),
        Cause("id_checksum", _L, N_("The check digit of an ID number is wrong."),
              N_("Compare it with the ID card.")),
        Cause("member_without_id", _L, N_("A member of a household has no ID number."),
              N_("Fill it in; without it a welfare row cannot find the household by him.")),
        Cause("welfare_name_only", _L, N_("A name on the welfare lists is like a head's, all else differs."),
              N_("Nothing was done. Look at it if place or ID number may be wrong.")),
        Cause("unknown_place", _L, N_("A township or village is named where no household lives."),
              N_("Write the name as in the households' table.")),
        Cause("unknown_county", _L, N_("A county is named where no household lives."),
              N_("Write the name as in the households' table.")),
        Cause("quota_not_township", _L, N_("The policy limits a township that no household lives in."),
              N_("Write its name as in the households' table.")),
        Cause("unit_without_row", _L, N_("A cadre's unit has no row in the units' table."),
              N_("Write the unit's name alike in both tables, or add it.")),
        Cause("unit_without_cadres", _L, N_("A unit has no cadre."),
              N_("Write the unit's name alike in both tables.")),
        Cause("names_duplicate", _L, N_("A row names a household that is a duplicate of another."),
              N_("Name the household that is judged in its place.")),
        Cause("persons_count", _L, N_("A household has more or fewer persons than it says."),
              N_("Correct the number, or add the persons.")),
        Cause("unit_in_title", _L, N_("Only the title says the unit of the income."),
              N_("Write it into the header of the income.")),
        Cause("hidden_rows", _L, N_("Rows are hidden; they were read."),
              N_("Show them, and look whether they belong to the table.")),
        Cause("hidden_columns", _L, N_("Columns are hidden; they were read."),
              N_("Show them, and look whether they are up to date.")),
        Cause("hidden_sheet", _L, N_("A sheet is hidden; it was read."),
              N_("Show it, and look whether it belongs to the month.")),
        Cause("hidden_not_seen", _L, N_("What is hidden in a workbook could not be looked at."),
              N_("Save it as .xlsx, and check again.")),
        Cause("linked_workbook", _L, N_("Values come from other workbooks, as they were last saved."),
              N_("Look whether they are up to date.")),
        Cause("merged_across", _L, N_("Cells are merged across columns; only the first column was given the value."),
              N_("Take the merging off.")),
        Cause("unknown_column", _T, N_("A column is not known, and was ignored."),
              N_("Nothing, if it is not needed; else correct its header.")),
        Cause("unknown_sheet", _T, N_("A sheet is no table of the month, and was ignored."),
              N_("Nothing, if it is not needed; else correct its name.")),
        Cause("unknown_file", _T, N_("A file is no table of the month, and was ignored."),
              N_("Nothing, if it is not needed; else correct its name.")),
        Cause("empty_beside", _T, N_("A blank workbook gave way to a file of the same name that has rows."),
              N_("Nothing; delete the blank workbook if it is not needed.")),
        Cause("wrong_extension", _T, N_("A file is not what its ending says; it was read by its content."),
              N_("Nothing.")),
        Cause("row_left_out", _T, N_("A row was taken for a footer or a repeated header."),
              N_("Look that no household is among them.")),
        Cause("above_header", _T, N_("What stands above the headers was left out."),
              N_("Nothing.")),
        Cause("merged_cells", _T, N_("Merged rows were each given the value."),
              N_("Nothing, if the merging is right.")),
        Cause("persons", _T, N_("A row for every person was put together to households."),
              N_("Nothing.")),
        Cause("repeated_row", _T, N_("A row stands twice alike; it counts once."),
              N_("Nothing.")),
        Cause("disability_certificate", _T, N_("A disability certificate stands for the ID number; its first 18 digits were used."),
              N_("Nothing.")),
    )
}


def cause_of(code: str) -> Cause | None:
    """Return the cause of a code; None for one that the messages alone explain."""
    return CAUSES.get(code) or CAUSES.get(code.partition("_")[0])
