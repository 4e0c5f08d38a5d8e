"""Tag lists in the format of tag-autocomplete."""

import gzip

import pytest

from formats.limits import MAX_TAG_LIST_BYTES
from formats.prompts.tag_csv import Tag, packed_tags, read_tags

LONG_HAIR = Tag(name="long_hair", count=4350743, aliases="longhair,/lh")


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ('long_hair,0,4350743,"longhair,/lh"', [LONG_HAIR]),
        ('\ufefflong_hair,0,4350743,"longhair,/lh"\r\n', [LONG_HAIR]),
        ("1girl,0,6008644,", [Tag(name="1girl", count=6008644)]),
        ("1girl,0,6008644", [Tag(name="1girl", count=6008644)]),
        ("1girl", [Tag(name="1girl")]),
        ("name,type,count,aliases\n1girl,0,5,", [Tag(name="1girl", count=5)]),
        ("tag,category,post_count\nx", [Tag(name="x")]),
        ("rare,0,1,\nmuch,0,9,", [Tag(name="much", count=9), Tag(name="rare", count=1)]),
        ("a,0,1,\n\na,3,7,\n", [Tag(name="a", count=7)]),
        ("a,,,b,extra", [Tag(name="a", aliases="b")]),
        ('a,5,3," b , ,c "', [Tag(name="a", count=3, aliases="b,c")]),
        ("猫,0,3,ねこ", [Tag(name="猫", count=3, aliases="ねこ")]),
        ("=1+1,0,3,", [Tag(name="=1+1", count=3)]),
    ],
)
def test_the_tags_of_a_file(text: str, tags: list[Tag]) -> None:
    assert list(read_tags(text.encode())) == tags


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "There is no tag"),
        (b"\n\n", "There is no tag"),
        (b"name,type,count,aliases\n", "There is no tag"),
        (b"a,0,many,", "Line 1 of the tag list"),
        (b"a,0,1,\nb,0,-1,", "Line 2 of the tag list"),
        (b"x" * 201, "Line 1"),
        (b'"a\tb",0,1,', "Line 1"),
        (b"\xff\xfe", "not in UTF-8"),
        (b"a" * (MAX_TAG_LIST_BYTES + 1), "16 MB at most"),
        (b"".join(b"%d,0,1,\n" % number for number in range(300_001)), "300,001 tags"),
    ],
    ids=range(10),
)
def test_what_is_no_list_says_so(data: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_tags(data)


def test_a_browser_gets_lines_and_the_same_bytes_each_time() -> None:
    tags = (LONG_HAIR, Tag(name="Best Quality", aliases="BQ"))
    packed = packed_tags(tags)
    first, second, end = gzip.decompress(packed).decode().split("\n")
    assert first == "long_hair\t4350743\t,longhair,/lh\t"
    assert (second, end) == ("best_quality\t0\t,bq\tBest Quality", "")
    assert packed_tags(tags) == packed
