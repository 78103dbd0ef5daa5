-- The room: tables with areas, parties that move, bills and their parts, reductions and fees, stock, pictures, staff's
-- PINs and an audit log, days that are closed, and members with prepaid cards.

alter table dining_table add column area text not null default '';
alter table dining_table add column seats integer check (seats between 1 and 999);
-- A table that is gone keeps its history; nobody can sit down at it.
alter table dining_table add column retired integer not null default 0 check (retired in (0, 1));

alter table seating add column heads integer check (heads between 1 and 999);
-- 请求结账: when the party asked to pay; null again once a new round is ordered.
alter table seating add column bill_asked_at integer;
-- 并台: this party went on as a part of that one, and its tokens with it.
alter table seating add column merged_into integer references seating (id);
create index seating_merged on seating (merged_into) where merged_into is not null;
-- Tables that a party has left for another one: pages on its phones go on naming them.
create table seating_move (
    seating_id integer not null references seating (id),
    table_id   integer not null references dining_table (id),
    left_at    integer not null,
    primary key (seating_id, table_id)
) strict, without rowid;

-- Staff who order for a table are a diner of its seating.
alter table diner add column staff_id integer references staff (id);

alter table staff add column phone text not null default '';
alter table staff add column sex text not null default '';
alter table staff add column id_number text not null default '';
alter table staff add column pin_hash text;
alter table staff add column updated_at integer not null default 0;
-- Wrong passwords and PINs in a row; after some of them nobody gets in by this name until then.
alter table staff add column failures integer not null default 0;
alter table staff add column locked_until integer;
-- Tokens that were given out before are worth nothing: the password is another one.
alter table staff add column tokens_from integer not null default 0;
update staff set updated_at = created_at;

-- Who did what that somebody may ask about later. Only grows.
create table audit (
    id     integer primary key,
    at     integer not null,
    actor  text not null,
    act    text not null,
    target text not null default '',
    detail text not null default ''
) strict;
create index audit_at on audit (at);
create trigger audit_stays before update on audit begin select raise(abort, 'the audit log is append-only'); end;
create trigger audit_remains before delete on audit begin select raise(abort, 'the audit log is append-only'); end;

alter table category add column enabled integer not null default 1 check (enabled in (0, 1));
alter table category add column updated_at integer not null default 0;
-- When it is sold, such as 11:00-14:00; empty for always. The same for a single dish.
alter table category add column hours text not null default '';
alter table cuisine add column hours text not null default '';
-- Pieces that are left today; null where nobody counts.
alter table cuisine add column stock integer check (stock >= 0);
alter table cuisine add column updated_at integer not null default 0;

-- What an order took of counted dishes, to be given back when it is cancelled.
create table stock_taken (
    order_id   integer not null references dining_order (id),
    cuisine_id integer not null,
    pieces     integer not null check (pieces > 0),
    primary key (order_id, cuisine_id)
) strict, without rowid;

-- Re-encoded by us; named by the hash of what was uploaded.
create table picture (
    id         integer primary key,
    hash       text not null unique,
    small      blob not null,
    large      blob not null,
    created_at integer not null
) strict;

-- 打包: the party takes it away.
alter table dining_order add column packed integer not null default 0 check (packed in (0, 1));

-- What an order costs beside its items: reductions are negative, fees positive. The order's amount is their sum.
-- position: the item that is free.
create table adjustment (
    id         integer primary key,
    order_id   integer not null references dining_order (id),
    kind       text not null check (kind in ('discount', 'free', 'service', 'cover', 'packing')),
    position   integer,
    amount_fen integer not null check ((kind in ('discount', 'free')) = (amount_fen < 0)),
    reason     text not null default '',
    actor      text not null,
    at         integer not null
) strict;
create index adjustment_order on adjustment (order_id);

-- A party's account: some of its orders, paid together, in one part or several.
create table bill (
    id         integer primary key,
    seating_id integer not null references seating (id),
    state      text not null check (state in ('open', 'paid', 'void')),
    actor      text not null,
    created_at integer not null,
    ended_at   integer
) strict;
create index bill_seating on bill (seating_id);
create unique index bill_open_of_seating on bill (seating_id) where state = 'open';
-- An order is on one bill that counts; those of a void bill are taken off it.
create table bill_order (
    order_id integer primary key references dining_order (id),
    bill_id  integer not null references bill (id)
) strict;
create index bill_order_bill on bill_order (bill_id);
-- items: what of the orders is in this part, as JSON, where it was split by item.
create table bill_part (
    id         integer primary key,
    bill_id    integer not null references bill (id),
    position   integer not null,
    label      text not null default '',
    items      text not null default '[]' check (json_valid(items)),
    amount_fen integer not null check (amount_fen >= 0),
    state      text not null check (state in ('open', 'paid', 'void')),
    paid_at    integer
) strict;
create index bill_part_bill on bill_part (bill_id);

-- A payment of a part of a bill names it; its order is then the bill's first.
alter table payment add column part_id integer references bill_part (id);
create index payment_part on payment (part_id) where part_id is not null;
-- Whose share of a bill a refund sends back.
alter table refund add column order_id integer references dining_order (id);
create index refund_order on refund (order_id) where order_id is not null;
-- Members pay by balance, too.
alter table payment add column way text not null default 'code'
    check (way in ('code', 'jsapi', 'scan', 'cash', 'terminal', 'balance'));
update payment set way = channel;
alter table payment drop column channel;
alter table payment rename column way to channel;

-- Reports look for what was paid in a day, among all that there ever was.
create index dining_order_paid on dining_order (paid_at) where paid_at is not null;
create index bill_part_paid on bill_part (paid_at) where paid_at is not null;

-- 日结: a business day whose totals somebody has counted and signed; report: as it was then.
create table day_close (
    day       text primary key,
    closed_at integer not null,
    closed_by text not null,
    cash_fen  integer not null,
    note      text not null default '',
    report    text not null check (json_valid(report))
) strict, without rowid;

-- link: which of the member's links is good; a new one makes the tokens and codes of those before worthless.
create table member (
    id          integer primary key,
    name        text not null,
    phone       text not null unique,
    uses        integer not null default 0 check (uses >= 0),
    balance_fen integer not null default 0 check (balance_fen >= 0),
    enabled     integer not null default 1 check (enabled in (0, 1)),
    link        integer not null default 1,
    created_at  integer not null
) strict;
create index member_created on member (created_at);
-- Every use and every yuan of a member's card. Only grows; uses and balance of the member are its sums.
create table member_entry (
    id          integer primary key,
    member_id   integer not null references member (id),
    kind        text not null check (kind in ('topup', 'scan', 'payment', 'refund')),
    uses        integer not null default 0,
    amount_fen  integer not null default 0,
    uses_after  integer not null check (uses_after >= 0),
    after_fen   integer not null check (after_fen >= 0),
    -- What was paid at the counter for a top-up, and how; negative where a wrong one is taken back.
    paid_fen    integer not null default 0,
    method      text not null default '',
    payment_id  integer references payment (id),
    -- The same cause never makes a second entry.
    cause       text not null,
    note        text not null default '',
    actor       text not null,
    at          integer not null,
    unique (member_id, cause)
) strict;
create index member_entry_at on member_entry (at);
create trigger member_entry_stays before update on member_entry
    begin select raise(abort, 'the members'' ledger is append-only'); end;
create trigger member_entry_remains before delete on member_entry
    begin select raise(abort, 'the members'' ledger is append-only'); end;
-- Each scan of a member's genuine code and what came of it; an opId answers what it did. A code is good once: the
-- scan that used it up says so.
create table member_scan (
    id        integer primary key,
    member_id integer not null references member (id),
    code_id   text not null,
    op_id     text not null unique,
    spent     integer not null check (spent in (0, 1)),
    status    integer not null,
    text      text not null,
    remaining integer not null,
    at        integer not null
) strict;
create unique index member_scan_once on member_scan (code_id) where spent = 1;
create index member_scan_member on member_scan (member_id);

-- What guests ask for from the table, besides: 7 呼叫服务员, 8 请求结账. Those are about a table.
create table alert_now (
    id        integer primary key,
    kind      integer not null check (kind between 1 and 8),
    order_id  integer references dining_order (id),
    table_id  integer references dining_table (id),
    note      text not null default '',
    raised_at integer not null,
    heard_at  integer,
    acked_at  integer,
    acked_by  text
) strict;
insert into alert_now (id, kind, order_id, note, raised_at, heard_at, acked_at, acked_by)
    select id, kind, order_id, note, raised_at, heard_at, acked_at, acked_by from alert;
drop table alert;
alter table alert_now rename to alert;
create unique index alert_new_order on alert (order_id) where kind = 1;
create index alert_open on alert (id) where acked_at is null;
create index alert_order on alert (order_id);
create index alert_test on alert (raised_at) where kind = 6;
create unique index alert_of_table on alert (table_id, kind) where table_id is not null and acked_at is null;
