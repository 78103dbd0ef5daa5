//! The heads of a table: which columns they are, by the names that people give them. Pure.

use super::{
    CATEGORY, COLUMNS, Cells, DESCRIPTION, HOURS, Head, ID, IMAGE, Ids, KIND, MARKS, NAME, OPTIONS, PRICE, SORT,
    STATUS, STOCK, Unread, cell,
};

/// Other names that menus and other systems have for our columns, as `plain` makes them.
const OTHERS: [(usize, &[&str]); 11] = [
    (KIND, &["類型"]),
    (
        ID,
        &[
            "編號",
            "菜品编号",
            "菜品編號",
            "菜品编码",
            "商品编号",
            "商品编码",
            "编码",
            "編碼",
            "货号",
            "sku",
            "code",
            "菜品id",
            "商品id",
            "dishid",
        ],
    ),
    (
        CATEGORY,
        &[
            "分類",
            "类别",
            "類別",
            "菜品分类",
            "菜品分類",
            "菜品类别",
            "菜品類別",
            "商品分类",
            "所属分类",
            "所屬分類",
            "分类名称",
            "分類名稱",
            "菜类",
            "菜系",
            "categoryname",
        ],
    ),
    (
        NAME,
        &[
            "名稱",
            "菜名",
            "菜品",
            "菜品名",
            "菜品名称",
            "菜品名稱",
            "菜式",
            "商品名称",
            "商品名稱",
            "商品名",
            "商品",
            "品名",
            "产品名称",
            "產品名稱",
            "菜肴",
            "菜肴名称",
            "dish",
            "dishname",
            "itemname",
            "item",
        ],
    ),
    (
        PRICE,
        &[
            "價格",
            "单价",
            "單價",
            "售价",
            "售價",
            "价钱",
            "價錢",
            "现价",
            "現價",
            "原价",
            "原價",
            "菜价",
            "销售价",
            "销售价格",
            "零售价",
            "门市价",
            "堂食价",
            "unitprice",
        ],
    ),
    (STATUS, &["狀態", "售卖状态", "销售状态", "上下架", "是否上架"]),
    (STOCK, &["庫存", "库存数量", "剩余", "剩余份数"]),
    (HOURS, &["時段", "供应时段", "供應時段", "售卖时间", "供应时间"]),
    (SORT, &["顺序", "順序", "排序号", "排列顺序"]),
    (OPTIONS, &["選項", "口味", "做法"]),
    (DESCRIPTION, &["说明", "說明", "介绍", "介紹", "简介", "菜品描述", "商品描述", "描述说明", "菜品介绍"]),
];
const PICTURES: &[&str] = &["圖片", "图片地址", "图片链接", "菜品图片", "商品图片", "picture"];

/// Rows above the heads, at most: titles, notes.
pub const MOST_ABOVE: usize = 10;

/// Where each of our columns is.
pub type Places = [Option<usize>; COLUMNS.len()];

/// Without what is added to a head for people: spaces, a star for what has to be filled in, a unit in brackets.
fn plain(head: &str) -> String {
    let head = cell::narrow(head).to_lowercase();
    let head = head.split(['(', '[', '【']).next().unwrap_or_default();
    head.chars().filter(|c| !c.is_whitespace() && !matches!(c, '*' | '_' | ':' | '\'' | '\u{feff}')).collect()
}

/// Our own names before others: a table may have both, such as 名称 and 菜品.
pub fn places(names: &[String]) -> Places {
    let plain: Vec<String> = names.iter().map(|name| plain(name)).collect();
    std::array::from_fn(|column| {
        let (zh, en) = COLUMNS[column];
        let ours = plain.iter().position(|name| name == zh || name == en);
        let others = OTHERS.iter().find(|(of, _)| *of == column).map_or(PICTURES, |(_, names)| names);
        let others = if column == IMAGE || OTHERS.iter().any(|(of, _)| *of == column) { others } else { &[] };
        ours.or_else(|| others.iter().find_map(|other| plain.iter().position(|name| name == other)))
    })
}

/// How many of our columns such a row of heads has; none without names.
pub fn count(names: &[String]) -> usize {
    let places = places(names);
    if places[NAME].is_some() { places.iter().flatten().count() } else { 0 }
}

/// Whose ids they are: nobody else's tables have all that ours have.
pub fn whose_ids(names: &[String], places: &Places) -> Ids {
    let ours = |column: &usize| {
        let (zh, en) = COLUMNS[*column];
        places[*column].is_some_and(|at| [zh, en].contains(&plain(&names[at]).as_str()))
    };
    match MARKS.iter().all(ours) {
        true => Ids::Ours,
        false => Ids::Theirs(places[ID].map_or_else(String::new, |at| plain(&names[at]))),
    }
}

/// The heads that a sentence names: some of them, and the beginning of long ones.
pub fn listed(names: &[String]) -> Vec<String> {
    const MOST: usize = 20;
    let named = names.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
    named.take(MOST).map(|name| name.chars().take(20).collect()).collect()
}

/// The cells of a row in our order; what is wrong with one is told.
pub fn arrange(cells: Vec<cell::Cell>, places: &Places) -> (Cells, Vec<Unread>) {
    let mut faults = Vec::new();
    let cells = std::array::from_fn(|column| {
        let cell = places[column].map(|at| cells.get(at).cloned().unwrap_or(cell::Cell::Text(String::new())));
        cell.map(|cell| {
            cell.read(column).unwrap_or_else(|fault| {
                faults.push(Unread::Cell(Head::ALL[column], fault));
                String::new()
            })
        })
    });
    (cells, faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heads(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn heads_are_known_by_the_names_that_people_give_them() {
        for (names, category, name, price) in [
            (&["分类", "名称", "价格"][..], Some(0), Some(1), Some(2)),
            (&["菜品名称", "单价", "菜品分类"], Some(2), Some(0), Some(1)),
            (&["*菜名", "售价（元）", "类别"], Some(2), Some(0), Some(1)),
            (&["名稱", "價格", "分類"], Some(2), Some(0), Some(1)),
            (&["Category", "Name", "Price"], Some(0), Some(1), Some(2)),
            (&["菜品", "名称", " 价 格 "], None, Some(1), Some(2)),
            (&["甲", "乙"], None, None, None),
        ] {
            let places = places(&heads(names));
            assert_eq!((places[CATEGORY], places[NAME], places[PRICE]), (category, name, price), "{names:?}");
        }
        assert_eq!(listed(&heads(&["菜", " ", "钱"])), ["菜", "钱"]);
    }

    #[test]
    fn ids_are_ours_only_in_a_table_that_is() {
        let ours = heads(&COLUMNS.map(|(zh, _)| zh));
        assert_eq!(whose_ids(&ours, &places(&ours)), Ids::Ours);
        let theirs = heads(&["SKU", "名称"]);
        assert_eq!(whose_ids(&theirs, &places(&theirs)), Ids::Theirs("sku".into()));
        let alike = heads(&["类型", "菜品编号", "名称", "时段", "选项", "套餐菜品"]);
        assert_eq!(whose_ids(&alike, &places(&alike)), Ids::Theirs("菜品编号".into()));
    }
}
