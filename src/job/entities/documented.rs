//! The members of entities that the services document, by name.

use serde_json::Value;

use super::{Entities, each_text};

impl Entities {
    /// `server_id`: the server (ECS, BMS).
    pub fn server_id(&self) -> Option<&str> {
        self.text("server_id")
    }

    /// `nic_id`: the network card (ECS, BMS, SDRS).
    pub fn nic_id(&self) -> Option<&str> {
        self.text("nic_id")
    }

    /// `errorcode_message`: the cause of a sub-job's failure (ECS), often JSON in a text.
    /// [`Job::reason`](crate::Job::reason) gives the readable message inside.
    pub fn errorcode_message(&self) -> Option<&str> {
        self.text("errorcode_message")
    }

    /// `replication_pair_id`: the replication pair (SDRS).
    pub fn replication_pair_id(&self) -> Option<&str> {
        self.text("replication_pair_id")
    }

    /// `volume_ids`: the disks of a replication pair (SDRS), from an array or from one text with commas.
    pub fn volume_ids(&self) -> Vec<String> {
        let mut ids = Vec::new();
        if let Some(value) = self.get("volume_ids") {
            each_text("volume_ids", value, &mut |name, id| {
                if name == "volume_id" {
                    ids.push(id.to_owned());
                }
            });
        }
        ids
    }

    /// `server_group_id`: the protection group (SDRS).
    pub fn server_group_id(&self) -> Option<&str> {
        self.text("server_group_id")
    }

    /// `protected_instance_id`: the protected instance (SDRS).
    pub fn protected_instance_id(&self) -> Option<&str> {
        self.text("protected_instance_id")
    }

    /// `native_server_id`: the server at the disaster recovery site (SDRS).
    pub fn native_server_id(&self) -> Option<&str> {
        self.text("native_server_id")
    }

    /// `image_id`: the image (IMS).
    pub fn image_id(&self) -> Option<&str> {
        self.text("image_id")
    }

    /// `volume_id`: the disk (EVS, VBS).
    pub fn volume_id(&self) -> Option<&str> {
        self.text("volume_id")
    }

    /// `process_percent`: the share that is done (IMS), as it was sent: 0.2 for a fifth, in all documents.
    pub fn process_percent(&self) -> Option<f64> {
        match self.get("process_percent")? {
            Value::String(text) => text.trim().parse().ok().filter(|percent: &f64| percent.is_finite()),
            value => value.as_f64(),
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str().filter(|text| !text.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::entities;
    use super::*;

    #[test]
    fn every_documented_member_has_an_accessor() {
        type Accessor = fn(&Entities) -> Option<&str>;
        let accessors: [(&str, Accessor); 9] = [
            ("server_id", Entities::server_id),
            ("nic_id", Entities::nic_id),
            ("errorcode_message", Entities::errorcode_message),
            ("replication_pair_id", Entities::replication_pair_id),
            ("server_group_id", Entities::server_group_id),
            ("protected_instance_id", Entities::protected_instance_id),
            ("native_server_id", Entities::native_server_id),
            ("image_id", Entities::image_id),
            ("volume_id", Entities::volume_id),
        ];
        for (name, accessor) in accessors {
            assert_eq!(accessor(&entities(&[(name, json!("x-1"))])), Some("x-1"), "{name}");
            for none in [json!(""), json!(" "), json!(null), json!(7), json!({}), json!(["x"])] {
                assert_eq!(accessor(&entities(&[(name, none)])), None, "{name}");
            }
            assert_eq!(accessor(&Entities::default()), None, "{name}");
        }
    }

    #[test]
    fn volume_ids_come_from_an_array_or_from_a_text_with_commas() {
        let of = |value| entities(&[("volume_ids", value)]).volume_ids();
        assert_eq!(of(json!("a, b,,c ")), ["a", "b", "c"]);
        assert_eq!(of(json!(["a", "", null, "b"])), ["a", "b"]);
        assert_eq!(of(json!("one")), ["one"]);
        assert!(of(json!(null)).is_empty() && of(json!({"x": "y"})).is_empty());
        assert!(Entities::default().volume_ids().is_empty());
    }

    #[test]
    fn the_percentage_is_a_number_or_a_numeric_text() {
        let of = |value| entities(&[("process_percent", value)]).process_percent();
        assert_eq!(of(json!(0.2)), Some(0.2));
        assert_eq!(of(json!(100)), Some(100.0));
        assert_eq!(of(json!("0.5")), Some(0.5));
        for none in [json!("half"), json!("NaN"), json!(null), json!([1])] {
            assert_eq!(of(none), None);
        }
    }
}
