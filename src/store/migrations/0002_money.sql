-- Real money: how a payment comes in, a ledger that only grows, and what waits for a person's decision.

alter table payment rename column code_url to code;
alter table payment add column channel text not null default 'code'
    check (channel in ('code', 'jsapi', 'scan', 'cash', 'terminal'));
alter table payment add column subject text not null default '';
alter table payment add column payer text not null default '';
alter table payment add column received_fen integer;
alter table payment add column closed_at integer;
update payment set received_fen = amount_fen where state = 'paid';

create table refund_now (
    id            integer primary key,
    payment_id    integer not null references payment (id),
    provider      text not null,
    out_refund_no text not null,
    amount_fen    integer not null check (amount_fen > 0),
    reason        text not null,
    state         text not null check (state in ('pending', 'done', 'abnormal', 'closed', 'refused')),
    -- What asked for it: the same cause never makes a second refund.
    cause         text not null,
    actor         text not null,
    created_at    integer not null,
    try_at        integer,
    tries         integer not null default 0,
    unique (provider, out_refund_no),
    unique (payment_id, cause)
) strict;
insert into refund_now (id, payment_id, provider, out_refund_no, amount_fen, reason, state, cause, actor, created_at, try_at, tries)
    select id, payment_id, provider, out_refund_no, amount_fen, reason, state, 'whole', 'provider ' || provider, created_at, try_at, tries
    from refund;
drop table refund;
alter table refund_now rename to refund;
create index refund_try on refund (try_at) where try_at is not null;

-- Money in is positive, money out negative. The reference (the provider's transaction, our refund number) makes each
-- entry the only one of its kind, however often we are told.
create table ledger_entry (
    id          integer primary key,
    order_id    integer not null references dining_order (id),
    payment_id  integer not null references payment (id),
    kind        text not null check (kind in ('payment', 'refund')),
    provider    text not null,
    method      text not null,
    amount_fen  integer not null check ((kind = 'payment' and amount_fen > 0) or (kind = 'refund' and amount_fen < 0)),
    reference   text not null,
    at          integer not null,
    -- When the provider says that it happened: its bill counts by this.
    provider_at integer not null,
    actor       text not null,
    unique (provider, kind, reference)
) strict;
create index ledger_entry_payment on ledger_entry (payment_id);
create index ledger_entry_order on ledger_entry (order_id);
create index ledger_entry_at on ledger_entry (at);
create index ledger_entry_provider on ledger_entry (provider, provider_at);
create trigger ledger_entry_stays before update on ledger_entry
    begin select raise(abort, 'the ledger is append-only'); end;
create trigger ledger_entry_remains before delete on ledger_entry
    begin select raise(abort, 'the ledger is append-only'); end;
insert into ledger_entry (order_id, payment_id, kind, provider, method, amount_fen, reference, at, provider_at, actor)
    select order_id, id, 'payment', provider, channel, amount_fen, transaction_id, coalesce(paid_at, created_at),
        coalesce(paid_at, created_at), 'provider ' || provider
    from payment where state = 'paid' and amount_fen > 0 order by paid_at;
insert into ledger_entry (order_id, payment_id, kind, provider, method, amount_fen, reference, at, provider_at, actor)
    select p.order_id, p.id, 'refund', r.provider, p.channel, -r.amount_fen, r.out_refund_no, r.created_at, r.created_at, r.actor
    from refund r join payment p on p.id = r.payment_id where r.state = 'done' order by r.id;

create table review (
    id          integer primary key,
    kind        text not null check (kind in ('amount', 'merchant', 'transaction', 'refunded_before', 'refunded_elsewhere',
        'refund_abnormal', 'refund_closed', 'refund_refused')),
    payment_id  integer not null references payment (id),
    refund_id   integer references refund (id),
    reason      text not null,
    -- What came or went, where that is known.
    amount_fen  integer,
    reference   text not null default '',
    raised_at   integer not null,
    resolution  text,
    resolved_at integer,
    resolved_by text
) strict;
create unique index review_once on review (payment_id, kind, coalesce(refund_id, 0), reference);
create index review_open on review (id) where resolved_at is null;
insert into review (kind, payment_id, reason, amount_fen, reference, raised_at)
    select case when p.state = 'paid' then 'transaction' when p.review_reason like '应收%' then 'amount'
            when p.review_reason like '收款商户%' then 'merchant' else 'transaction' end,
        p.id, p.review_reason, c.amount_fen, coalesce(c.transaction_id, ''), coalesce(p.paid_at, p.created_at)
    from payment p left join payment_callback c on c.id = (select max(last.id) from payment_callback last
        where last.provider = p.provider and last.out_trade_no = p.out_trade_no)
    where p.review_reason <> '';
insert into review (kind, payment_id, refund_id, reason, amount_fen, reference, raised_at)
    select 'refund_abnormal', payment_id, id, '退款异常，请人工退还', amount_fen, out_refund_no, created_at
    from refund where state = 'abnormal';
-- Another amount than we asked for is money all the same.
update payment set received_fen = r.amount_fen, transaction_id = r.reference
    from review r where r.payment_id = payment.id and r.kind = 'amount' and r.amount_fen > 0 and r.reference <> '';
insert into ledger_entry (order_id, payment_id, kind, provider, method, amount_fen, reference, at, provider_at, actor)
    select p.order_id, p.id, 'payment', p.provider, p.channel, r.amount_fen, r.reference, r.raised_at, r.raised_at, 'provider ' || p.provider
    from review r join payment p on p.id = r.payment_id where r.kind = 'amount' and r.amount_fen > 0 and r.reference <> '';
alter table payment drop column review_reason;

-- How our ledger and a provider's bill of one of its days differ: a JSON list (payment/reconcile.rs Difference).
create table reconciliation (
    day         text not null,
    provider    text not null,
    checked_at  integer not null,
    rows        integer not null,
    problem     text,
    differences text not null default '[]' check (json_valid(differences)),
    primary key (day, provider)
) strict, without rowid;

-- An alert may be about no order (a key, a clock), and says what a person should know.
create table alert_now (
    id        integer primary key,
    kind      integer not null check (kind in (1, 2, 3)),
    order_id  integer references dining_order (id),
    note      text not null default '',
    raised_at integer not null,
    heard_at  integer,
    acked_at  integer,
    acked_by  text
) strict;
insert into alert_now (id, kind, order_id, raised_at, heard_at, acked_at, acked_by)
    select id, kind, order_id, raised_at, heard_at, acked_at, acked_by from alert;
drop table alert;
alter table alert_now rename to alert;
create unique index alert_new_order on alert (order_id) where kind = 1;
create index alert_open on alert (id) where acked_at is null;
create index alert_order on alert (order_id);

alter table demo_trade add column paid_at integer;
alter table demo_trade drop column refunded_fen;
create table demo_refund (
    out_refund_no text primary key,
    out_trade_no  text not null references demo_trade (out_trade_no),
    amount_fen    integer not null,
    at            integer not null
) strict, without rowid;
