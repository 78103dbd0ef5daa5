//! Why a file, a row or a cell can't be read, as data: what an owner is told of it stands with the other sentences.

/// A column of ours, in the order of `COLUMNS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    Kind,
    Id,
    Category,
    Name,
    Price,
    Status,
    Stock,
    Hours,
    Sort,
    Options,
    Combo,
    Description,
    Image,
}

impl Head {
    pub const ALL: [Head; 13] = [
        Head::Kind,
        Head::Id,
        Head::Category,
        Head::Name,
        Head::Price,
        Head::Status,
        Head::Stock,
        Head::Hours,
        Head::Sort,
        Head::Options,
        Head::Combo,
        Head::Description,
        Head::Image,
    ];
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// A file with nothing in it.
    Empty,
    /// More lines than this.
    TooManyLines(usize),
    /// An archive that is no spreadsheet, or a broken one.
    NotXlsx,
    /// What Excel wrote before xlsx.
    OldExcel,
    /// An Excel file with a password.
    Locked,
    WebPage,
    /// No kind of file that we know.
    Unknown,
    NotJson,
    /// A table without names; which heads it has.
    NoNames(Vec<String>),
    /// A column that is not there, how many new dishes need it, and which heads are there.
    NoColumn(Head, usize, Vec<String>),
    /// A line above is of the same name.
    NameAbove,
    Cell(Head, CellFault),
}

/// What stands in a cell instead of what should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CellFault {
    /// A text that means nothing in its column.
    Unclear(String),
    /// A spreadsheet's date, with the text of a cell that is told by it.
    Date(Option<String>),
    /// TRUE or FALSE.
    Truth(bool),
    /// `#REF!` and its like.
    FormulaError(String),
    /// A formula that nobody has worked out.
    Formula,
}
