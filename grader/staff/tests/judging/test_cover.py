"""Which mistakes together explain what is wrong: facets are the letters a to z here."""

from grader.judging.cover import Suspect, best_part, groups_by_doubts, is_established
from grader.judging.mutants import Mutant


def facets(letters):
    return sum(1 << ord(letter) - ord("a") for letter in set(letters))


def suspect(name, gives, otherwise=""):
    """A mistake that gives some wrong facets, and changes `otherwise` to values of its own."""
    return Suspect(Mutant(f"f.{name}", "e", ()), facets(gives + otherwise), facets(gives))


def names(group):
    return [one.mutant.name.removeprefix("f.") for one in group]


def likely(suspects, size, wrong, right="", most=0):
    return [names(group) for group in groups_by_doubts(suspects, size, {}, facets(wrong), facets(right), most)]


def test_one_mistake_that_gives_all_and_spoils_nothing_explains_all():
    suspects = [suspect("part", "ab"), suspect("spoils", "abc", "x"), suspect("all", "abc")]
    assert likely(suspects, 1, "abc", right="x") == [["all"]]


def test_two_mistakes_explain_what_each_gives_alone():
    suspects = [suspect("one", "ab"), suspect("other", "c"), suspect("spoils", "c", "x")]
    assert likely(suspects, 2, "abc", right="x") == [["one", "other"]]


def test_nobody_knows_a_facet_that_both_change_so_it_speaks_against_no_one():
    one, meets = suspect("one", "a", "c"), suspect("meets", "b", "c")
    assert likely([one, meets], 2, "abc") == [["one", "meets"]]
    assert is_established(meets, (one, meets))
    assert not is_established(suspect("only there", "c"), (one, suspect("only there", "c")))


def test_an_exception_hides_what_the_others_change():
    raises = Suspect(Mutant("f.raises", "e", ()), facets("abc"), 0, raises=facets("abc"))
    assert likely([raises, suspect("one", "a", "b")], 2, "abc") == []


def test_a_part_is_explained_if_more_speaks_for_it_than_against_it():
    suspects = [suspect("guess", "a", "bcd"), suspect("part", "abc")]
    assert names(best_part(suspects, facets("abcdef"), 0)) == ["part"]
    assert best_part([suspect("guess", "a", "bcdef")], facets("abcdef"), 0) == ()


def test_a_mistake_that_spoils_what_is_right_is_no_part():
    assert best_part([suspect("spoils", "ab", "x")], facets("abc"), facets("x")) == ()
