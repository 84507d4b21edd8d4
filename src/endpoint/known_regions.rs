//! The regions that are known, and the domain that the hosts of each end in. The list is not closed, because new regions
//! come often: it only tells a misspelled region from a new one.

/// The domains of the clouds that anybody can use. The longer of two that end alike comes first.
pub(super) const PUBLIC_DOMAINS: [&str; 4] = [OTC_SWISS, OTC, HUAWEI, HUAWEI_EUROPE];

pub(crate) const OTC: &str = "otc.t-systems.com";
pub(crate) const OTC_SWISS: &str = "sc.otc.t-systems.com";
const HUAWEI: &str = "myhuaweicloud.com";
const HUAWEI_EUROPE: &str = "myhuaweicloud.eu";

/// The regions of Open Telekom Cloud and of Huawei's SDK for ECS. A region that is missing here works all the same.
pub(crate) const KNOWN: [&str; 36] = [
    "eu-de",
    "eu-nl",
    "eu-ch2",
    "eu-west-0",
    "eu-west-101",
    "cn-north-1",
    "cn-north-2",
    "cn-north-4",
    "cn-north-9",
    "cn-north-11",
    "cn-north-12",
    "cn-east-2",
    "cn-east-3",
    "cn-east-4",
    "cn-east-5",
    "cn-south-1",
    "cn-south-2",
    "cn-south-4",
    "cn-southwest-2",
    "cn-southwest-3",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "af-south-1",
    "af-north-1",
    "sa-brazil-1",
    "la-north-2",
    "la-south-2",
    "na-mexico-1",
    "tr-west-1",
    "me-east-1",
    "ae-ad-1",
    "my-kualalumpur-1",
    "ru-moscow-1",
];

/// The domain of the region's hosts: of a known region its own, of any other that of Huawei Cloud.
pub(super) fn domain_of(region: &str) -> &'static str {
    match region {
        "eu-de" | "eu-nl" => OTC,
        "eu-ch2" => OTC_SWISS,
        _ if is_european_site(region) => HUAWEI_EUROPE,
        _ => HUAWEI,
    }
}

/// eu-west-101 and those that may follow it; eu-west-0 is another provider's.
fn is_european_site(region: &str) -> bool {
    region
        .strip_prefix("eu-west-1")
        .is_some_and(|digits| digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// The known region that was meant, if the name is a misspelling of one. `None` for a known region, and for a name that
/// may be that of a new region: another number in the same cloud (cn-north-5 beside cn-north-4).
pub(super) fn correction(region: &str) -> Option<&'static str> {
    if KNOWN.contains(&region) {
        return None;
    }
    let plain = normalized(region);
    let best = KNOWN.into_iter().map(|known| (likeness(&plain, known), known)).max_by_key(|(rank, _)| *rank);
    // Among equals `max_by_key` returns the last one, which is as good a guess as any.
    best.filter(|(rank, _)| *rank > Likeness::None).map(|(_, known)| known)
}

/// How likely one name was meant by another, the least likely first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Likeness {
    None,
    /// The number at the end is missing.
    NumberMissing,
    /// One character is another, missing or one too many, or two neighbours are swapped.
    OneCharacter,
    /// The same, and the numbers at the end agree; or only hyphens differ; or it is a zone of the region (eu-de-01,
    /// cn-north-4a).
    Almost,
    /// Only the case, blanks or underscores differ.
    Same,
}

fn likeness(name: &str, known: &str) -> Likeness {
    if name == known {
        return Likeness::Same;
    }
    let without_hyphens = |text: &str| text.replace('-', "");
    let (bare_name, bare_known) = (without_hyphens(name), without_hyphens(known));
    if bare_name == bare_known || is_zone(name, known) {
        return Likeness::Almost;
    }
    if known.strip_prefix(name).and_then(|rest| rest.strip_prefix('-')).is_some_and(is_number) {
        return Likeness::NumberMissing;
    }
    let by = match difference(name, known) {
        Difference::More => difference(&bare_name, &bare_known),
        by => by,
    };
    match by {
        Difference::Letter if number(name) == number(known) => Likeness::Almost,
        Difference::Letter => Likeness::OneCharacter,
        Difference::Number if domain_of(name) != domain_of(known) => Likeness::OneCharacter,
        // A doubled digit. But cn-north-11 exists, so 11 may be a new region elsewhere.
        Difference::Number if is_doubled(number(name), number(known)) => Likeness::OneCharacter,
        Difference::Number | Difference::More => Likeness::None,
    }
}

/// In lower case, without blanks around it, and with hyphens for blanks, dots and underscores.
fn normalized(region: &str) -> String {
    let region = region.trim().to_lowercase();
    region.replace(|c: char| c.is_whitespace() || matches!(c, '_' | '.'), "-").trim_matches('-').to_owned()
}

/// An availability zone in the region, or a number where the region has none: eu-de-01, eu-de-1, ap-southeast-03.
fn is_zone(name: &str, known: &str) -> bool {
    match name.strip_prefix(known) {
        Some(rest) => rest.strip_prefix('-').is_some_and(|rest| rest.len() <= 2 && is_number(rest)),
        None => {
            let (stem, rest) = known.split_at(known.len() - number(known).len());
            let zeros = name.strip_prefix(stem).map(|rest| rest.trim_start_matches('0'));
            !rest.is_empty() && zeros == Some(rest)
        }
    }
}

/// The digits at the end.
fn number(region: &str) -> &str {
    &region[region.trim_end_matches(|c: char| c.is_ascii_digit()).len()..]
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a number is the other with its last digit twice.
fn is_doubled(number: &str, known: &str) -> bool {
    number.strip_prefix(known).is_some_and(|rest| known.ends_with(rest) && rest.len() == 1) && number != "11"
}

/// How two different names differ.
enum Difference {
    /// One digit is another, missing or one too many.
    Number,
    /// One letter or hyphen is another, missing or one too many, or two neighbours are swapped.
    Letter,
    More,
}

fn difference(one: &str, other: &str) -> Difference {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let same_start = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[same_start..], &other[same_start..]);
    let same_end = one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    match (&one[..one.len() - same_end], &other[..other.len() - same_end]) {
        ([a], []) | ([], [a]) if a.is_ascii_digit() => Difference::Number,
        ([a], [b]) if a.is_ascii_digit() && b.is_ascii_digit() => Difference::Number,
        ([_], []) | ([], [_]) | ([_], [_]) => Difference::Letter,
        ([a, b], [c, d]) if (a, b) == (d, c) => Difference::Letter,
        _ => Difference::More,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelled_region_is_corrected() {
        for (region, meant) in [
            ("eu-dee", "eu-de"),
            ("eu-d", "eu-de"),
            ("eude", "eu-de"),
            ("eu-ed", "eu-de"),
            ("eu-de1", "eu-de"),
            ("eu-de-1", "eu-de"),
            ("eu-de-01", "eu-de"),
            ("eu--de", "eu-de"),
            ("eu_de", "eu-de"),
            ("eu.de", "eu-de"),
            ("eu de", "eu-de"),
            ("EU-DE", "eu-de"),
            ("Eu_De", "eu-de"),
            (" eu-de", "eu-de"),
            ("eu-de ", "eu-de"),
            ("eu-de\t", "eu-de"),
            ("eu-de-", "eu-de"),
            ("EU_DEE", "eu-de"),
            ("eu-nl2", "eu-nl"),
            ("eu-nl-1", "eu-nl"),
            ("eu-ch3", "eu-ch2"),
            ("eu-ch", "eu-ch2"),
            ("eu-ch-2", "eu-ch2"),
            ("eu-ch2-1", "eu-ch2"),
            ("eu-west-10", "eu-west-101"),
            ("eu-west101", "eu-west-101"),
            ("cn-nroth-4", "cn-north-4"),
            ("cn-nort-4", "cn-north-4"),
            ("cn-north4", "cn-north-4"),
            ("cnnorth4", "cn-north-4"),
            ("cn_north_4", "cn-north-4"),
            ("cn-nroth4", "cn-north-4"),
            ("CN-North-4", "cn-north-4"),
            ("cn-north-4a", "cn-north-4"),
            ("cn-north-04", "cn-north-4"),
            ("cn-north-44", "cn-north-4"),
            ("cn-northh-4", "cn-north-4"),
            ("ap-southest-3", "ap-southeast-3"),
            ("ap-southeast-33", "ap-southeast-3"),
            ("ap-southeast3", "ap-southeast-3"),
            ("my-kualalumpur", "my-kualalumpur-1"),
            ("my-kualalampur-1", "my-kualalumpur-1"),
            ("ae-ad1", "ae-ad-1"),
        ] {
            assert_eq!(correction(region), Some(meant), "{region}");
        }
    }

    #[test]
    fn a_new_region_is_not_taken_for_a_misspelled_one() {
        for region in [
            "cn-north-5",
            "cn-north-41",
            "cn-north-13",
            "cn-south-11",
            "cn-east-201",
            "cn-south-9",
            "cn-southwest-250",
            "ap-southeast-6",
            "ap-southeast-11",
            "ap-northeast-1",
            "eu-west-1",
            "eu-west-102",
            "la-south-6001",
            "xx-new-region-77",
            "eu-fr",
            "eu-central-1",
            "RegionOne",
            "",
            "-",
            "ü",
        ] {
            assert_eq!(correction(region), None, "{region}");
        }
        for region in KNOWN {
            assert_eq!(correction(region), None, "{region}");
        }
    }
}
