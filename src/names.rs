//! The names that an enum's variants have in columns and on the wire: one table an enum. A variant without a name does not
//! compile, and of two with one name the compiler warns.

/// A name that no variant has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is none of {}", known.join(", "))]
pub struct UnknownName {
    pub name: String,
    pub known: Vec<&'static str>,
}

/// `names!(Light { Red = "red", Green = "green" });` gives the enum `Light` its names: `name`, `FromStr`, and `ALL` in
/// the order of the table.
macro_rules! names {
    ($enum:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        impl $enum {
            pub const ALL: [$enum; [$($name),+].len()] = [$($enum::$variant),+];

            pub fn name(self) -> &'static str {
                match self {
                    $($enum::$variant => $name,)+
                }
            }
        }

        impl serde::Serialize for $enum {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        #[cfg(test)]
        impl ts_rs::TS for $enum {
            type WithoutGenerics = $enum;
            type OptionInnerType = $enum;

            fn name(config: &ts_rs::Config) -> String {
                <Self as ts_rs::TS>::inline(config)
            }

            fn inline(_: &ts_rs::Config) -> String {
                $enum::ALL.map(|one| format!("{:?}", one.name())).join(" | ")
            }
        }

        impl std::str::FromStr for $enum {
            type Err = $crate::names::UnknownName;

            fn from_str(name: &str) -> std::result::Result<$enum, Self::Err> {
                match name {
                    $($name => Ok($enum::$variant),)+
                    _ => Err($crate::names::UnknownName {
                        name: name.to_owned(),
                        known: $enum::ALL.map($enum::name).to_vec(),
                    }),
                }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Light {
        Red,
        AmberToo,
    }

    names!(Light { Red = "red", AmberToo = "red_amber" });

    #[test]
    fn a_variant_is_read_as_it_was_written_and_nothing_else_is() {
        assert_eq!(Light::ALL, [Light::Red, Light::AmberToo]);
        assert_eq!(Light::ALL.map(Light::name), ["red", "red_amber"]);
        assert_eq!(Light::ALL.map(|light| light.name().parse()), Light::ALL.map(Ok));
        for wrong in ["", "Red", "red ", "blue"] {
            let unknown = wrong.parse::<Light>().unwrap_err();
            assert_eq!(unknown.to_string(), format!("{wrong:?} is none of red, red_amber"));
        }
    }
}
