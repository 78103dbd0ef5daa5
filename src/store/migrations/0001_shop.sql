-- Money is integer fen, time is unix milliseconds, ids are SQLite rowids.

create table setting (
    key   text primary key,
    value text not null
) strict, without rowid;

create table staff (
    id            integer primary key,
    username      text not null unique,
    name          text not null,
    password_hash text not null,
    role          text not null check (role in ('owner', 'cashier', 'waiter', 'kitchen')),
    enabled       integer not null default 1 check (enabled in (0, 1)),
    created_at    integer not null
) strict;

create table dining_table (
    id           integer primary key,
    number       text not null unique,
    code         text not null unique,
    cart_version integer not null default 0 check (cart_version >= 0)
) strict;

-- One party's stay at one table. Its end is the end of every token given out for it.
create table seating (
    id        integer primary key,
    table_id  integer not null references dining_table (id),
    opened_at integer not null,
    closed_at integer
) strict;
create unique index seating_open on seating (table_id) where closed_at is null;

create table diner (
    id         integer primary key,
    seating_id integer not null references seating (id),
    phone      text,
    joined_at  integer not null
) strict;

create table category (
    id         integer primary key,
    name       text not null unique,
    kind       integer not null check (kind in (1, 2)),
    sort_order integer not null
) strict;

-- options: the groups a diner may choose from, as JSON (menu/mod.rs OptionGroup).
create table cuisine (
    id          integer primary key,
    category_id integer not null references category (id),
    name        text not null,
    kind        integer not null check (kind in (1, 2)),
    price_fen   integer not null check (price_fen >= 0),
    image       text not null default '',
    description text not null default '',
    options     text not null default '[]' check (json_valid(options)),
    sold_out    integer not null default 0 check (sold_out in (0, 1)),
    sort_order  integer not null
) strict;

create table combo_item (
    combo_id   integer not null references cuisine (id),
    cuisine_id integer not null references cuisine (id),
    copies     integer not null check (copies > 0),
    primary key (combo_id, cuisine_id)
) strict, without rowid;

-- options: the diner's choices in canonical order, so that equal choices are equal text.
create table cart_line (
    id         integer primary key,
    table_id   integer not null references dining_table (id),
    cuisine_id integer not null references cuisine (id),
    options    text not null,
    quantity   integer not null check (quantity between 1 and 99),
    remark     text not null default '',
    diner_id   integer not null references diner (id)
) strict;
create unique index cart_line_dish on cart_line (table_id, cuisine_id, options);

-- What a phone's opId did, so that a resent request is answered and not done again. Dropped with the seating.
create table applied_op (
    seating_id integer not null references seating (id),
    op_id      text not null,
    kind       text not null,
    order_id   integer,
    primary key (seating_id, op_id)
) strict, without rowid;

create table order_counter (
    business_day text primary key,
    last         integer not null
) strict, without rowid;

create table dining_order (
    id            integer primary key,
    number        text not null unique,
    table_id      integer not null references dining_table (id),
    seating_id    integer not null references seating (id),
    diner_id      integer not null references diner (id),
    status        integer not null check (status between 1 and 6),
    pay_status    integer not null check (pay_status between 0 and 2),
    pay_method    integer,
    amount_fen    integer not null check (amount_fen >= 0),
    remark        text not null default '',
    diners_count  integer,
    cancel_reason text not null default '',
    created_at    integer not null,
    pay_before    integer,
    paid_at       integer,
    ended_at      integer,
    urged_at      integer
) strict;
create index dining_order_seating on dining_order (seating_id);
create index dining_order_open on dining_order (status) where status < 5;
create index dining_order_created on dining_order (created_at);

create table order_item (
    order_id       integer not null references dining_order (id),
    position       integer not null,
    cuisine_id     integer not null,
    name           text not null,
    kind           integer not null,
    unit_price_fen integer not null,
    quantity       integer not null,
    options        text not null,
    remark         text not null,
    diner_id       integer not null,
    primary key (order_id, position)
) strict, without rowid;

create table order_event (
    id          integer primary key,
    order_id    integer not null references dining_order (id),
    at          integer not null,
    input       text not null,
    status      integer not null,
    pay_status  integer not null,
    actor       text not null
) strict;
create index order_event_order on order_event (order_id);

create table payment (
    id             integer primary key,
    order_id       integer not null references dining_order (id),
    provider       text not null,
    out_trade_no   text not null unique,
    amount_fen     integer not null check (amount_fen >= 0),
    state          text not null check (state in ('creating', 'open', 'paid', 'closed', 'needs_review')),
    code_url       text not null default '',
    transaction_id text,
    review_reason  text not null default '',
    created_at     integer not null,
    expires_at     integer not null,
    query_at       integer,
    queries        integer not null default 0,
    paid_at        integer
) strict;
create unique index payment_transaction on payment (provider, transaction_id) where transaction_id is not null;
create index payment_order on payment (order_id);
create index payment_query on payment (query_at) where query_at is not null;

-- Every verified callback as it came, once each.
create table payment_callback (
    id             integer primary key,
    provider       text not null,
    transaction_id text not null,
    out_trade_no   text not null,
    amount_fen     integer not null,
    received_at    integer not null,
    outcome        text not null,
    unique (provider, transaction_id, out_trade_no, amount_fen)
) strict;

create table refund (
    id            integer primary key,
    payment_id    integer not null references payment (id),
    provider      text not null,
    out_refund_no text not null,
    amount_fen    integer not null check (amount_fen > 0),
    reason        text not null,
    state         text not null check (state in ('pending', 'done', 'abnormal')),
    created_at    integer not null,
    try_at        integer,
    tries         integer not null default 0,
    unique (provider, out_refund_no)
) strict;
create index refund_try on refund (try_at) where try_at is not null;

-- The outbox of what the counter must hear: 1 a new order, 2 a reminder, 3 a payment that needs a person.
create table alert (
    id        integer primary key,
    kind      integer not null check (kind in (1, 2, 3)),
    order_id  integer not null references dining_order (id),
    raised_at integer not null,
    heard_at  integer,
    acked_at  integer,
    acked_by  text
) strict;
create unique index alert_new_order on alert (order_id) where kind = 1;
create index alert_open on alert (id) where acked_at is null;
create index alert_order on alert (order_id);

-- The demo provider's own books: what a real provider would know about a trade.
create table demo_trade (
    out_trade_no   text primary key,
    amount_fen     integer not null,
    state          text not null check (state in ('NOTPAY', 'SUCCESS', 'CLOSED')),
    transaction_id text,
    refunded_fen   integer not null default 0
) strict, without rowid;
