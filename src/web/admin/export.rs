//! 运营数据统计报表.xlsx, cell for cell where sky-take-out's template has them. The old web saves whatever comes with
//! HTTP 200 as the file, so a refusal of this route is an honest HTTP status (see `admin::route`).

use crate::error::Result;
use crate::report::{Forgone, Overview, Ratio};
use crate::units::{Date, Fen};
use crate::web::http::reply::{json, set};
use hyper::StatusCode;
use hyper::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};
use warp::reply::Response;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// 运营数据统计报表.xlsx
const ATTACHMENT: &str = "attachment; filename=\"report.xlsx\"; filename*=UTF-8''%E8%BF%90%E8%90%A5%E6%95%B0%E6%8D%AE\
    %E7%BB%9F%E8%AE%A1%E6%8A%A5%E8%A1%A8.xlsx";
const COLUMN_WIDTH: u16 = 18;

/// A day and what it came to.
type Row = (Date, Overview, Forgone);

/// Days, the earliest first, as a workbook to save.
pub fn answer(days: &[Row]) -> Result<Response> {
    let workbook = workbook(days).map_err(anyhow::Error::from)?;
    let mut response = json(StatusCode::OK, workbook);
    set(&mut response, CONTENT_TYPE, HeaderValue::from_static(XLSX));
    set(&mut response, CONTENT_DISPOSITION, HeaderValue::from_static(ATTACHMENT));
    Ok(response)
}

/// The kinds of cells.
struct Style {
    text: Format,
    title: Format,
    count: Format,
    money: Format,
    share: Format,
}

impl Style {
    fn new() -> Style {
        let cell = Format::new()
            .set_align(FormatAlign::Center)
            .set_align(FormatAlign::VerticalCenter)
            .set_border(FormatBorder::Thin);
        Style {
            title: cell.clone().set_bold(),
            count: cell.clone().set_num_format("0"),
            money: cell.clone().set_num_format("0.00"),
            share: cell.clone().set_num_format("0.00%"),
            text: cell,
        }
    }
}

/// A spreadsheet's numbers are doubles: the nearest one to the yuan prints as the yuan.
fn yuan(amount: Fen) -> f64 {
    amount.0 as f64 / 100.0
}

fn share(ratio: Ratio) -> f64 {
    ratio.0 as f64 / 10_000.0
}

fn workbook(days: &[Row]) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let style = Style::new();
    let sheet = workbook.add_worksheet().set_name("Sheet1")?;
    sheet.set_column_range_width(1, 9, COLUMN_WIDTH)?;
    let total = days.iter().fold(Overview::default(), |sum, (_, day, _)| sum.plus(*day));
    let edge = |day: Option<&Row>| day.map(|(date, ..)| date.to_string()).unwrap_or_default();
    let title = format!("时间：{}至{}", edge(days.first()), edge(days.last()));
    sheet.merge_range(0, 1, 0, 6, "运营数据报表", &style.title)?;
    sheet.merge_range(1, 1, 1, 6, &title, &style.text)?;
    sheet.merge_range(2, 1, 2, 6, "概览数据", &style.title)?;
    write_overview(sheet, &style, &total)?;
    sheet.merge_range(5, 1, 5, 6, "明细数据", &style.title)?;
    // The last three are ours, beyond the template's.
    let heads = [
        "日期",
        "营业额",
        "有效订单",
        "订单完成率",
        "平均客单价",
        "新增用户数",
        "免单份数（计入销量）",
        "免单菜价",
        "未收已放弃",
    ];
    for (column, head) in (1..).zip(heads) {
        sheet.write_with_format(6, column, head, &style.title)?;
    }
    for (row, (date, day, forgone)) in (7..).zip(days) {
        sheet.write_with_format(row, 1, date.to_string(), &style.text)?;
        sheet.write_with_format(row, 2, yuan(day.turnover), &style.money)?;
        sheet.write_with_format(row, 3, day.valid, &style.count)?;
        sheet.write_with_format(row, 4, share(day.completion_rate()), &style.share)?;
        sheet.write_with_format(row, 5, yuan(day.unit_price()), &style.money)?;
        sheet.write_with_format(row, 6, day.newcomers, &style.count)?;
        sheet.write_with_format(row, 7, forgone.free_pieces, &style.count)?;
        sheet.write_with_format(row, 8, yuan(forgone.free_value), &style.money)?;
        sheet.write_with_format(row, 9, yuan(forgone.let_go), &style.money)?;
    }
    workbook.save_to_buffer()
}

/// The fourth and fifth rows: what all days are together.
fn write_overview(sheet: &mut Worksheet, style: &Style, total: &Overview) -> std::result::Result<(), XlsxError> {
    for (row, column, label) in
        [(3, 1, "营业额"), (3, 3, "订单完成率"), (3, 5, "新增用户数"), (4, 1, "有效订单"), (4, 3, "平均客单价")]
    {
        sheet.write_with_format(row, column, label, &style.title)?;
    }
    sheet.write_with_format(3, 2, yuan(total.turnover), &style.money)?;
    sheet.write_with_format(3, 4, share(total.completion_rate()), &style.share)?;
    sheet.write_with_format(3, 6, total.newcomers, &style.count)?;
    sheet.write_with_format(4, 2, total.valid, &style.count)?;
    sheet.write_with_format(4, 4, yuan(total.unit_price()), &style.money)?;
    sheet.write_blank(4, 5, &style.text)?;
    sheet.write_blank(4, 6, &style.text)?;
    Ok(())
}
