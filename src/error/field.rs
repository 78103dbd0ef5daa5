//! What a request has to bring, and did not: missing, of another form, or out of bounds.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    // Bills and orders.
    Percent,
    Amount,
    Reason,
    Position,
    /// How a bill is cut.
    SplitBy,
    OrderId,
    BillId,
    AdjustmentId,
    /// How many eat.
    Guests,
    CuisineId,
    Quantity,
    /// The dish in a phone's frame.
    Data,
    /// For whom or what a table calls.
    What,
    // Tables.
    TableId,
    Seats,
    // Money.
    Method,
    MemberCode,
    ReviewId,
    UnclaimedId,
    Action,
    OpenId,
    Date,
    Begin,
    End,
    Days,
    Cash,
    BeginTime,
    EndTime,
    // Members and staff.
    Uses,
    Note,
    Name,
    Phone,
    Image,
    UserId,
    Username,
    Role,
    // The menu.
    Kind,
    CategoryId,
    Status,
    Stock,
    Renames,
    Format,
    File,
    // What no person types.
    Id,
    Ids,
    AlertId,
    OpId,
    Page,
    PageSize,
    // What only programs get wrong.
    StoreId,
    Sid,
    Upgrade,
    /// A frame that is no text.
    Text,
}
