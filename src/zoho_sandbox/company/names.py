"""Names of companies and people, places and things, for generated customers."""

FIRST_WORDS = ["Abbey", "Alder", "Anchor", "Arbour", "Ardmore", "Ashgrove", "Atlantic", "Avonbeg", "Banner", "Barrow", "Bayview", "Belmont", "Birch", "Blackwater", "Boyne", "Bramble", "Brookfield", "Carrick", "Cashel", "Castle", "Cedar", "Claddagh", "Clearwater", "Clover", "Copper", "Corrib", "Crossfield", "Dargle", "Delphi", "Derrymore", "Dodder", "Dunmore", "Eastgate", "Elm", "Emerald", "Errigal", "Fairgreen", "Fastnet", "Fern", "Foyle", "Galtee", "Glen", "Granite", "Greenway", "Harbour", "Hawthorn", "Hazel", "Heather", "Hillcrest", "Holly", "Ivy", "Juniper", "Kestrel", "Kilbride", "Kingfisher", "Lagan", "Larch", "Laurel", "Lee", "Liffey", "Linden", "Lough", "Lynx", "Malin", "Maple", "Marlay", "Meridian", "Millrace", "Moyle", "Nephin", "Nore", "Northgate", "Oakfield", "Orchard", "Osprey", "Parkway", "Pebble", "Pinewood", "Quarry", "Raven", "Redwood", "Riverside", "Rosslare", "Rowan", "Sable", "Sally", "Seapoint", "Shannon", "Silver", "Skellig", "Slaney", "Sorrel", "Spruce", "Sterling", "Stonebridge", "Suir", "Summit", "Swift", "Tara", "Thistle", "Thornfield", "Tolka", "Tramore", "Tulla", "Vartry", "Walnut", "Waterside", "Westport", "Whitethorn", "Willow", "Windmill", "Wren", "Yarrow"]
TRADES = ["Bearings", "Pumps", "Hydraulics", "Engineering", "Fabrication", "Packaging", "Plastics", "Precision", "Tooling", "Fasteners", "Motors", "Marine", "Joinery", "Roofing", "Glazing", "Electrical", "Heating", "Refrigeration", "Ventilation", "Plumbing Supplies", "Hardware", "Agri Systems", "Farm Machinery", "Feeds", "Dairies", "Bakery", "Brewing", "Foods", "Seafoods", "Catering", "Hotels", "Logistics", "Haulage", "Couriers", "Cold Store", "Plant Hire", "Quarries", "Concrete", "Timber", "Steel", "Castings", "Coatings", "Print", "Signs", "Textiles", "Interiors", "Furniture", "Instruments", "Medical", "Laboratories", "Pharma", "Optics", "Software", "Controls", "Automation", "Energy Services", "Solar", "Recycling", "Environmental", "Nurseries", "Garden Centre", "Cycles", "Motor Factors", "Car Centre", "Coaches", "Lifts", "Security", "Facilities", "Cleaning", "Workwear", "Stores"]
ENDINGS = ("Ltd", "Ltd", "Ltd", "Ltd", "DAC", "Limited", "& Co", "Group", "Teoranta", "")
FIRST_NAMES = ["Aoife", "Ciara", "Orla", "Niamh", "Sinéad", "Róisín", "Gráinne", "Fionnuala", "Siobhán", "Deirdre", "Maeve", "Emer", "Clodagh", "Eimear", "Áine", "Sorcha", "Declan", "Cormac", "Eoin", "Pádraig", "Seán", "Liam", "Conor", "Ronan", "Fergal", "Brendan", "Diarmuid", "Cathal", "Oisín", "Tadhg", "Niall", "Donal", "Anna", "Claire", "Helen", "Judith", "Marta", "Ewa", "Agnieszka", "Elena", "Sofia", "Ingrid", "Lena", "Zoë", "Chloé", "Amélie", "Priya", "Fatima", "Mei", "Yuki", "Mark", "Paul", "Tom", "Peter", "James", "Martin", "Piotr", "Łukasz", "Tomasz", "Andrei", "Mateus", "João", "Luís", "Jürgen", "Søren", "Björn", "Ahmed", "Wei", "Kofi"]
LAST_NAMES = ["Murphy", "Kelly", "Walsh", "Byrne", "Ryan", "O’Brien", "O’Sullivan", "O’Connor", "Doyle", "McCarthy", "Gallagher", "Doherty", "Kennedy", "Lynch", "Murray", "Quinn", "Moore", "McLoughlin", "Daly", "Clarke", "Fitzgerald", "Nolan", "Brennan", "Burke", "Dunne", "Farrell", "Sweeney", "Hogan", "Keane", "Devlin", "Tierney", "Halloran", "Costello", "Mulcahy", "Foley", "Kavanagh", "Power", "Whelan", "Hickey", "Roche", "Crowley", "Cullen", "Nowak", "Kowalska", "Wójcik", "Popescu", "Silva", "Santos", "Müller", "Schäfer", "Larsen", "Nilsson", "Dubois", "Moreau", "Rossi", "Bianchi", "Novák", "Horváth", "Okafor", "Mensah", "Patel", "Chen", "Tanaka"]
ROLES = (
    ("Accounts", "Finance"),
    ("Accounts payable", "Finance"),
    ("Head of accounts", "Finance"),
    ("Financial controller", "Finance"),
    ("Managing director", "Management"),
    ("Office manager", "Administration"),
    ("Purchasing", "Purchasing"),
    ("Stores", "Warehouse"),
    ("Owner", "Management"),
    ("Bookkeeper", "Finance"),
)
MAILBOXES = ("accounts", "finance", "ap", "payables", "office", "ledger", "invoices", "hello")
STREETS = ["Dock Road", "Mill Lane", "Station Road", "Main Street", "Bridge Street", "Quay Street", "Church Road", "Naas Road", "Ring Road", "Industrial Estate Road", "Canal Bank", "Harbour Road", "Market Square", "Abbey Street", "Patrick Street", "Castle Street"]
PARKS = ["Millrace Business Park", "Riverside Business Park", "Parkmore East", "Raheen Business Park", "Western Business Park", "Airport Business Centre", "Northpoint", "Greenogue Business Park"]
PLACES = (
    # Town, county, routing key of the postcode. The rest of a postcode is X0X0, which no address has.
    ("Dublin", "Co. Dublin", "D12"),
    ("Cork", "Co. Cork", "T12"),
    ("Limerick", "Co. Limerick", "V94"),
    ("Galway", "Co. Galway", "H91"),
    ("Waterford", "Co. Waterford", "X91"),
    ("Sligo", "Co. Sligo", "F91"),
    ("Athlone", "Co. Westmeath", "N37"),
    ("Dundalk", "Co. Louth", "A91"),
    ("Drogheda", "Co. Louth", "A92"),
    ("Kilkenny", "Co. Kilkenny", "R95"),
    ("Tralee", "Co. Kerry", "V92"),
    ("Ennis", "Co. Clare", "V95"),
    ("Carlow", "Co. Carlow", "R93"),
    ("Naas", "Co. Kildare", "W91"),
    ("Letterkenny", "Co. Donegal", "F92"),
    ("Wexford", "Co. Wexford", "Y35"),
    ("Tullamore", "Co. Offaly", "R35"),
    ("Navan", "Co. Meath", "C15"),
)
ABROAD = (
    # Town, country, its code, postcode, street, and a prefix of telephone numbers reserved for fiction.
    ("Belfast", "United Kingdom", "GB", "BT1 0AA", "Dufferin Quay", "+44 28 9649 60"),
    ("Manchester", "United Kingdom", "GB", "M1 0AA", "Canal Street", "+44 161 496 00"),
    ("Boston, MA", "United States", "US", "02101", "Harbor Street", "+1 617 555 01"),
    ("Hamburg", "Germany", "DE", "20000", "Am Hafen", "+49 40 66969 0"),
)
# Names that software gets wrong: scripts, right to left, quotes, ampersands, markup, length.
ODD_NAMES = (
    "東京ベアリング株式会社",
    "Στέλιος & Υιοί ΑΕ",
    "ООО «Северный ветер»",
    "شركة النخيل للتجارة",
    "חלקי מתכת בע״מ",
    "Ľubomír Čížik – Kovovýroba",
    "สยามอะไหล่ จำกัด",
    'O’Neill "Quick Fix" Garage',
    "R&D <Prototypes> Ltd",
    "<b>Bold</b> Signs",
    "<script>alert(1)</script> Security Testing",
    "{{ customer.name }} Software",
    "Smith, Jones; Brown & Partners",
    "=SUM(A1:A9) Analytics",
    "Ó Súilleabháin agus Mic Teoranta",
    "The Very Long Established Company for the Manufacture, Repair and Distribution of Agricultural Machinery and "
    "Spare Parts of Every Description in the Province of Munster Limited",
    "Café de l’Ouest",
    "🚲 Velo Works",
)
GOODS = (
    ("6204-2RS deep groove ball bearing", 480),
    ("V-belt SPB 2000", 2150),
    ("Roller chain 08B-1, 5 m", 3990),
    ("Hydraulic hose 2SN DN12, made to length", 4620),
    ("Gear pump, 16 cc", 28700),
    ("Oil seal 40x62x8", 390),
    ("Linear guide HGR20, 1000 mm", 11800),
    ("Three-phase motor 2.2 kW, B3", 31250),
    ("Gearbox NMRV063, 30:1", 22400),
    ("Pneumatic cylinder 50x200", 9650),
    ("Solenoid valve 5/2, 24 V", 5480),
    ("Coupling ROTEX 28", 6120),
    ("Pillow block UCP 206", 1870),
    ("Grease EP2, 18 kg", 12900),
    ("Frequency inverter 4 kW", 41900),
    ("Proximity switch M12, PNP", 3120),
    ("Conveyor roller 50x600", 2780),
    ("O-ring assortment", 2490),
    ("Stainless ball valve 1 inch", 3340),
    ("Fitting of bearings, per hour", 6800),
    ("Carriage", 1850),
)
