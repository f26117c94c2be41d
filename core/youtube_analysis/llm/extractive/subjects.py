"""Words that tell a video's category, in the languages most talks are in."""

from __future__ import annotations

from youtube_analysis.models.analysis import ContentCategory

_C = ContentCategory

SUBJECT_WORDS: dict[ContentCategory, tuple[str, ...]] = {
    _C.TECHNOLOGY: tuple(
        """software hardware computer browser web internet app application code coding programmer
        programming developer engineer javascript python java html http api server client cloud database
        algorithm data device android iphone google microsoft apple linux open-source framework library
        compiler syntax function variable object interface protocol network encryption robot chip
        processor gpu ai model prompt chatbot online website platform feature bug deploy git script
        wave gadget email smartphone user toolkit xml json
        программа программирование код сервер браузер приложение разработчик компьютер сеть данные
        интернет пользователь программист файл
        プログラム ソフトウェア サーバー コンピュータ ブラウザ アプリ データ インターネット 開発 ウェブ サイト コード
        软件 程序 计算机 服务器 浏览器 网站 数据 互联网 代码 开发 编程 算法 客户端 应用
        rechner programm entwickler anwendung netz daten logiciel ordinateur développeur données réseau
        programador desarrollador datos aplicación computadora programa utvecklare dator
        सॉफ्टवेयर कंप्यूटर वेबसाइट इंटरनेट साइट برنامج حاسوب تطبيق موقع بيانات""".split()
    ),
    _C.BUSINESS: tuple(
        """business company customer market marketing sales revenue startup founder strategy product
        management manager employee team meeting brand competitor profit hiring leadership entrepreneur
        supplier contract stakeholder client negotiation pricing enterprise ceo advertising incident
        review retrospective process workplace colleague
        бизнес компания клиент рынок продажи стратегия выручка предприниматель
        ビジネス 会社 企業 顧客 市場 売上 経営 公司 企业 客户 市场 销售 管理 战略
        unternehmen kunde umsatz vertrieb entreprise marché vente empresa cliente mercado ventas företag kund""".split()
    ),
    _C.EDUCATION: tuple(
        """school student teacher classroom curriculum university lecture homework exam grammar history
        lesson learning pupil education professor textbook course literature essay vocabulary
        школа ученик учитель университет урок история образование 学校 学生 教師 大学 授業 歴史 教育 老师 教学 课程
        schule schüler lehrer unterricht école élève professeur escuela alumno profesor skola elev""".split()
    ),
    _C.HEALTH: tuple(
        """health doctor patient disease exercise muscle diet nutrition sleep vitamin protein calorie
        symptom therapy medicine medical hospital workout fitness yoga stress anxiety heart brain immune
        cancer diabetes weight injury pain healthy
        здоровье врач болезнь питание упражнение сон лечение 健康 医師 病気 運動 睡眠 栄養 治療 医生 疾病 锻炼 睡觉 营养
        gesundheit arzt krankheit santé médecin maladie salud médico enfermedad hälsa läkare""".split()
    ),
    _C.SCIENCE: tuple(
        """science scientist physics chemistry biology experiment theory quantum particle atom molecule
        cell gene dna evolution species planet star galaxy universe gravity energy telescope orbit lunar
        moon spacecraft rocket astronaut nasa climate laboratory hypothesis mathematics theorem equation
        capsule module crater earth
        наука учёный физика химия биология эксперимент теория планета вселенная 科学 物理 化学 生物 実験 宇宙 惑星 理論 实验 行星
        wissenschaft physik versuch expérience théorie ciencia física experimento vetenskap""".split()
    ),
    _C.FINANCE: tuple(
        """money invest investor investment stock bond bank interest loan debt mortgage inflation tax
        savings budget portfolio dividend currency bitcoin crypto economy fund retirement insurance trading
        wealth credit asset
        деньги инвестиции акции банк кредит налог инфляция бюджет 投資 株 銀行 金利 税金 資産 投资 股票 银行 利率 税 基金
        geld aktie zinsen steuer argent bourse impôt dinero bolsa impuesto pengar aktier skatt""".split()
    ),
    _C.PERSONAL_DEVELOPMENT: tuple(
        """habit motivation productivity mindset confidence discipline procrastination goal self happiness
        gratitude meditation mindfulness journaling purpose relationship emotion career fear willpower
        routine focus resilience
        привычка мотивация продуктивность уверенность цель счастье 習慣 モチベーション 自信 目標 幸せ 习惯 动力 自信 目标 幸福
        gewohnheit glück habitude bonheur hábito felicidad vana lycka""".split()
    ),
    _C.ENTERTAINMENT: tuple(
        """movie film actor actress music song album band concert game gamer player episode season comedy
        joke celebrity trailer scene character story director streamer anime football soccer match goal
        team tournament dance guitar
        кино фильм актёр музыка песня игра серия 映画 俳優 音楽 歌 ゲーム アニメ 电影 演员 音乐 歌曲 游戏
        spiel schauspieler musique chanson película canción juego musik låt spel""".split()
    ),
}
