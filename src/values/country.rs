//! Countries: ISO 3166-1, by their numbers.

/// One country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country {
    /// Its ISO 3166-1 number.
    pub no: u16,
    /// Its two letters.
    pub code: &'static str,
    /// Its name in English.
    pub name: &'static str,
}

impl Country {
    /// Every country, by its number.
    pub const ALL: &'static [Self] = COUNTRIES;

    /// The country of this number.
    #[must_use]
    pub fn of(no: i64) -> Option<&'static Self> {
        let at = Self::ALL.binary_search_by_key(&no, |country| i64::from(country.no)).ok()?;
        Self::ALL.get(at)
    }

    /// Is there a country of these two letters?
    #[must_use]
    pub fn has(code: &str) -> bool {
        Self::ALL.iter().any(|country| country.code == code)
    }

    /// Is it in the European Union?
    #[must_use]
    pub fn is_eu(&self) -> bool {
        EU.contains(&self.code)
    }

    /// What is paid with there, as far as it is sold in here.
    #[must_use]
    pub fn currency(&self) -> Option<&'static str> {
        let other = CURRENCIES.iter().find(|(code, _)| *code == self.code);
        if EURO.contains(&self.code) { Some("EUR") } else { other.map(|(_, currency)| *currency) }
    }
}

const EU: &[&str] = &[
    "AT", "BE", "BG", "HR", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

const EURO: &[&str] = &[
    "AD", "AT", "AX", "BE", "BG", "BL", "CY", "DE", "EE", "ES", "FI", "FR", "GF", "GP", "GR", "HR",
    "IE", "IT", "LT", "LU", "LV", "MC", "ME", "MF", "MQ", "MT", "NL", "PM", "PT", "RE", "SI", "SK",
    "SM", "TF", "VA", "XK", "YT",
];

const CURRENCIES: &[(&str, &str)] = &[
    ("US", "USD"),
    ("GB", "GBP"),
    ("CH", "CHF"),
    ("LI", "CHF"),
    ("MU", "MUR"),
    ("CA", "CAD"),
    ("DK", "DKK"),
    ("SE", "SEK"),
    ("NO", "NOK"),
    ("PL", "PLN"),
    ("CZ", "CZK"),
    ("RO", "RON"),
    ("HU", "HUF"),
    ("AU", "AUD"),
    ("NZ", "NZD"),
    ("PF", "XPF"),
    ("NC", "XPF"),
    ("WF", "XPF"),
];

const fn row(no: u16, code: &'static str, name: &'static str) -> Country {
    Country { no, code, name }
}

const COUNTRIES: &[Country] = &[
    row(4, "AF", "Afghanistan"),
    row(8, "AL", "Albania"),
    row(10, "AQ", "Antarctica"),
    row(12, "DZ", "Algeria"),
    row(16, "AS", "Samoa (American)"),
    row(20, "AD", "Andorra"),
    row(24, "AO", "Angola"),
    row(28, "AG", "Antigua & Barbuda"),
    row(31, "AZ", "Azerbaijan"),
    row(32, "AR", "Argentina"),
    row(36, "AU", "Australia"),
    row(40, "AT", "Austria"),
    row(44, "BS", "Bahamas"),
    row(48, "BH", "Bahrain"),
    row(50, "BD", "Bangladesh"),
    row(51, "AM", "Armenia"),
    row(52, "BB", "Barbados"),
    row(56, "BE", "Belgium"),
    row(60, "BM", "Bermuda"),
    row(64, "BT", "Bhutan"),
    row(68, "BO", "Bolivia"),
    row(70, "BA", "Bosnia & Herzegovina"),
    row(72, "BW", "Botswana"),
    row(74, "BV", "Bouvet Island"),
    row(76, "BR", "Brazil"),
    row(84, "BZ", "Belize"),
    row(86, "IO", "British Indian Ocean Territory"),
    row(90, "SB", "Solomon Islands"),
    row(92, "VG", "Virgin Islands (UK)"),
    row(96, "BN", "Brunei"),
    row(100, "BG", "Bulgaria"),
    row(104, "MM", "Myanmar (Burma)"),
    row(108, "BI", "Burundi"),
    row(112, "BY", "Belarus"),
    row(116, "KH", "Cambodia"),
    row(120, "CM", "Cameroon"),
    row(124, "CA", "Canada"),
    row(132, "CV", "Cape Verde"),
    row(136, "KY", "Cayman Islands"),
    row(140, "CF", "Central African Rep."),
    row(144, "LK", "Sri Lanka"),
    row(148, "TD", "Chad"),
    row(152, "CL", "Chile"),
    row(156, "CN", "China"),
    row(158, "TW", "Taiwan"),
    row(162, "CX", "Christmas Island"),
    row(166, "CC", "Cocos (Keeling) Islands"),
    row(170, "CO", "Colombia"),
    row(174, "KM", "Comoros"),
    row(175, "YT", "Mayotte"),
    row(178, "CG", "Congo (Rep.)"),
    row(180, "CD", "Congo (Dem. Rep.)"),
    row(184, "CK", "Cook Islands"),
    row(188, "CR", "Costa Rica"),
    row(191, "HR", "Croatia"),
    row(192, "CU", "Cuba"),
    row(196, "CY", "Cyprus"),
    row(203, "CZ", "Czech Republic"),
    row(204, "BJ", "Benin"),
    row(208, "DK", "Denmark"),
    row(212, "DM", "Dominica"),
    row(214, "DO", "Dominican Republic"),
    row(218, "EC", "Ecuador"),
    row(222, "SV", "El Salvador"),
    row(226, "GQ", "Equatorial Guinea"),
    row(231, "ET", "Ethiopia"),
    row(232, "ER", "Eritrea"),
    row(233, "EE", "Estonia"),
    row(234, "FO", "Faroe Islands"),
    row(238, "FK", "Falkland Islands"),
    row(239, "GS", "South Georgia & the South Sandwich Islands"),
    row(242, "FJ", "Fiji"),
    row(246, "FI", "Finland"),
    row(248, "AX", "Åland Islands"),
    row(250, "FR", "France"),
    row(254, "GF", "French Guiana"),
    row(258, "PF", "French Polynesia"),
    row(260, "TF", "French S. Terr."),
    row(262, "DJ", "Djibouti"),
    row(266, "GA", "Gabon"),
    row(268, "GE", "Georgia"),
    row(270, "GM", "Gambia"),
    row(275, "PS", "Palestine"),
    row(276, "DE", "Germany"),
    row(288, "GH", "Ghana"),
    row(292, "GI", "Gibraltar"),
    row(296, "KI", "Kiribati"),
    row(300, "GR", "Greece"),
    row(304, "GL", "Greenland"),
    row(308, "GD", "Grenada"),
    row(312, "GP", "Guadeloupe"),
    row(316, "GU", "Guam"),
    row(320, "GT", "Guatemala"),
    row(324, "GN", "Guinea"),
    row(328, "GY", "Guyana"),
    row(332, "HT", "Haiti"),
    row(334, "HM", "Heard Island & McDonald Islands"),
    row(336, "VA", "Vatican City"),
    row(340, "HN", "Honduras"),
    row(344, "HK", "Hong Kong"),
    row(348, "HU", "Hungary"),
    row(352, "IS", "Iceland"),
    row(356, "IN", "India"),
    row(360, "ID", "Indonesia"),
    row(364, "IR", "Iran"),
    row(368, "IQ", "Iraq"),
    row(372, "IE", "Ireland"),
    row(376, "IL", "Israel"),
    row(380, "IT", "Italy"),
    row(384, "CI", "Côte d'Ivoire"),
    row(388, "JM", "Jamaica"),
    row(392, "JP", "Japan"),
    row(398, "KZ", "Kazakhstan"),
    row(400, "JO", "Jordan"),
    row(404, "KE", "Kenya"),
    row(408, "KP", "North Korea"),
    row(410, "KR", "South Korea"),
    row(414, "KW", "Kuwait"),
    row(417, "KG", "Kyrgyzstan"),
    row(418, "LA", "Laos"),
    row(422, "LB", "Lebanon"),
    row(426, "LS", "Lesotho"),
    row(428, "LV", "Latvia"),
    row(430, "LR", "Liberia"),
    row(434, "LY", "Libya"),
    row(438, "LI", "Liechtenstein"),
    row(440, "LT", "Lithuania"),
    row(442, "LU", "Luxembourg"),
    row(446, "MO", "Macau"),
    row(450, "MG", "Madagascar"),
    row(454, "MW", "Malawi"),
    row(458, "MY", "Malaysia"),
    row(462, "MV", "Maldives"),
    row(466, "ML", "Mali"),
    row(470, "MT", "Malta"),
    row(474, "MQ", "Martinique"),
    row(478, "MR", "Mauritania"),
    row(480, "MU", "Mauritius"),
    row(484, "MX", "Mexico"),
    row(492, "MC", "Monaco"),
    row(496, "MN", "Mongolia"),
    row(498, "MD", "Moldova"),
    row(499, "ME", "Montenegro"),
    row(500, "MS", "Montserrat"),
    row(504, "MA", "Morocco"),
    row(508, "MZ", "Mozambique"),
    row(512, "OM", "Oman"),
    row(516, "NA", "Namibia"),
    row(520, "NR", "Nauru"),
    row(524, "NP", "Nepal"),
    row(528, "NL", "Netherlands"),
    row(531, "CW", "Curaçao"),
    row(533, "AW", "Aruba"),
    row(534, "SX", "St Maarten (Dutch)"),
    row(535, "BQ", "Caribbean NL"),
    row(540, "NC", "New Caledonia"),
    row(548, "VU", "Vanuatu"),
    row(554, "NZ", "New Zealand"),
    row(558, "NI", "Nicaragua"),
    row(562, "NE", "Niger"),
    row(566, "NG", "Nigeria"),
    row(570, "NU", "Niue"),
    row(574, "NF", "Norfolk Island"),
    row(578, "NO", "Norway"),
    row(580, "MP", "Northern Mariana Islands"),
    row(581, "UM", "US minor outlying islands"),
    row(583, "FM", "Micronesia"),
    row(584, "MH", "Marshall Islands"),
    row(585, "PW", "Palau"),
    row(586, "PK", "Pakistan"),
    row(591, "PA", "Panama"),
    row(598, "PG", "Papua New Guinea"),
    row(600, "PY", "Paraguay"),
    row(604, "PE", "Peru"),
    row(608, "PH", "Philippines"),
    row(612, "PN", "Pitcairn"),
    row(616, "PL", "Poland"),
    row(620, "PT", "Portugal"),
    row(624, "GW", "Guinea-Bissau"),
    row(626, "TL", "East Timor"),
    row(630, "PR", "Puerto Rico"),
    row(634, "QA", "Qatar"),
    row(638, "RE", "Réunion"),
    row(642, "RO", "Romania"),
    row(643, "RU", "Russia"),
    row(646, "RW", "Rwanda"),
    row(652, "BL", "St Barthelemy"),
    row(654, "SH", "St Helena"),
    row(659, "KN", "St Kitts & Nevis"),
    row(660, "AI", "Anguilla"),
    row(662, "LC", "St Lucia"),
    row(663, "MF", "St Martin (French)"),
    row(666, "PM", "St Pierre & Miquelon"),
    row(670, "VC", "St Vincent"),
    row(674, "SM", "San Marino"),
    row(678, "ST", "Sao Tome & Principe"),
    row(682, "SA", "Saudi Arabia"),
    row(686, "SN", "Senegal"),
    row(688, "RS", "Serbia"),
    row(690, "SC", "Seychelles"),
    row(694, "SL", "Sierra Leone"),
    row(702, "SG", "Singapore"),
    row(703, "SK", "Slovakia"),
    row(704, "VN", "Vietnam"),
    row(705, "SI", "Slovenia"),
    row(706, "SO", "Somalia"),
    row(710, "ZA", "South Africa"),
    row(716, "ZW", "Zimbabwe"),
    row(724, "ES", "Spain"),
    row(728, "SS", "South Sudan"),
    row(729, "SD", "Sudan"),
    row(732, "EH", "Western Sahara"),
    row(740, "SR", "Suriname"),
    row(744, "SJ", "Svalbard & Jan Mayen"),
    row(748, "SZ", "Eswatini (Swaziland)"),
    row(752, "SE", "Sweden"),
    row(756, "CH", "Switzerland"),
    row(760, "SY", "Syria"),
    row(762, "TJ", "Tajikistan"),
    row(764, "TH", "Thailand"),
    row(768, "TG", "Togo"),
    row(772, "TK", "Tokelau"),
    row(776, "TO", "Tonga"),
    row(780, "TT", "Trinidad & Tobago"),
    row(784, "AE", "United Arab Emirates"),
    row(788, "TN", "Tunisia"),
    row(792, "TR", "Turkey"),
    row(795, "TM", "Turkmenistan"),
    row(796, "TC", "Turks & Caicos Is"),
    row(798, "TV", "Tuvalu"),
    row(800, "UG", "Uganda"),
    row(804, "UA", "Ukraine"),
    row(807, "MK", "North Macedonia"),
    row(818, "EG", "Egypt"),
    row(826, "GB", "United Kingdom"),
    row(831, "GG", "Guernsey"),
    row(832, "JE", "Jersey"),
    row(833, "IM", "Isle of Man"),
    row(834, "TZ", "Tanzania"),
    row(840, "US", "United States"),
    row(850, "VI", "Virgin Islands (US)"),
    row(854, "BF", "Burkina Faso"),
    row(858, "UY", "Uruguay"),
    row(860, "UZ", "Uzbekistan"),
    row(862, "VE", "Venezuela"),
    row(876, "WF", "Wallis & Futuna"),
    row(882, "WS", "Samoa (western)"),
    row(887, "YE", "Yemen"),
    row(894, "ZM", "Zambia"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_is_found_by_its_number_and_has_letters_of_its_own() {
        assert!(Country::ALL.is_sorted_by(|a, b| a.no < b.no));
        for country in Country::ALL {
            assert_eq!(Country::of(i64::from(country.no)), Some(country));
            assert_eq!(Country::ALL.iter().filter(|other| other.code == country.code).count(), 1);
        }
        assert_eq!(Country::of(250).map(|country| country.name), Some("France"));
        assert_eq!(Country::of(0), None);
    }
}
